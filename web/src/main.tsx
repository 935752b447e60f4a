import "@fontsource-variable/instrument-sans/wght.css";
import "@fontsource/instrument-serif/400.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/controls.css";
import "./styles/people.css";
import "./styles/create.css";
import "./styles/watch.css";
import "./styles/developers.css";
import "./styles/new-avatar.css";
import "./styles/live.css";
import "./styles/narrow.css";
import { render } from "preact";
import { App } from "./app";
import "./theme";

render(<App />, document.getElementById("app")!);
