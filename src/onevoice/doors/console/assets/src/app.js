// Everything can be read without this file; it saves keystrokes: search as you type, the side panel, j and k.
import "htmx.org/dist/htmx.js";

const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")].filter((row) => row.offsetParent !== null);
const writing = (element) => element.matches("input, textarea, select, [contenteditable]");

function step(by) {
  const all = rows();
  if (!all.length) return;
  const here = all.findIndex((row) => row === document.activeElement);
  const next = all[Math.min(Math.max(here + by, 0), all.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

let opener = null;

function close() {
  const link = document.querySelector("#panel:not([hidden]) [data-close]");
  if (!link) return false;
  const panel = document.querySelector("#panel");
  panel.hidden = true;
  panel.replaceChildren();
  history.pushState({ htmx: true }, "", link.getAttribute("href"));
  opener?.focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && close()) return;
  if (writing(event.target)) return;
  if (event.key === "/") {
    const fields = [...document.querySelectorAll("[data-search]")];
    const field = fields.at(-1);
    if (field) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  } else if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
});

document.addEventListener(
  "click",
  (event) => {
    const closing = event.target.closest("[data-close]");
    if (closing && close()) event.preventDefault();
    opener = event.target.closest("[data-hx-target='#panel']") ?? opener;
  },
  true,
);

document.addEventListener("htmx:after:swap", () => {
  const panel = document.querySelector("#panel:not([hidden])");
  if (!panel || panel.dataset.arrived) return;
  panel.dataset.arrived = "1";
  panel.classList.add("arrives");
  panel.querySelector("#panel-title")?.focus({ preventScroll: true });
});

function tell(event) {
  const line = document.querySelector("#strip-told");
  const mark = event.target.closest?.("[data-told]");
  if (!line || !mark) return;
  line.firstElementChild.textContent = mark.dataset.told;
  line.classList.add("reads");
}
document.addEventListener("pointerover", tell);
document.addEventListener("focusin", tell);
