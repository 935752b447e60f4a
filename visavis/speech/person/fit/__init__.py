"""Fitting Kokoro to one person by gradient; torch (extra ``clone``), in a process of its own."""
