import "@fontsource-variable/instrument-sans/wght.css";
import "@fontsource/instrument-serif/400.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/controls.css";
import "./styles/pages.css";
import { render } from "preact";
import { App } from "./app";
import "./theme";

render(<App />, document.getElementById("app")!);
