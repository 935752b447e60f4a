"""Pictures that ship with the product: stock presenters and backgrounds."""
