"use strict";
// Helps to write JSON: says at once what is wrong and in which line, indents, tidies up, inserts hyperparameters.

(() => {
  const source = document.getElementById("known-hyperparameters");
  const known = source ? JSON.parse(source.textContent) : [];

  const holdHyperparameters = ["search_space_json", "fixed_params_json", "hyperparameters_json"];

  function element(tag, properties, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  function whereOf(error, text) {
    const spot = /line (\d+) column (\d+)/.exec(error.message);
    if (spot) return `Line ${spot[1]}, column ${spot[2]}: `;
    const position = /position (\d+)/.exec(error.message);
    const end = position ? Number(position[1]) : text.length;
    const before = text.slice(0, end).split("\n");
    return `Line ${before.length}, column ${before.at(-1).length + 1}: `;
  }

  function whatOf(error) {
    return error.message.replace(/ in JSON at position.*| at line .*|\(line .*/, "").replace(/^JSON\.parse: /, "");
  }

  // An object's members on lines of their own, what is in them on one line.
  function tidy(value) {
    const line = (part) => JSON.stringify(part, null, 1).replace(/\n\s*/g, " ").replace(/([[{]) /g, "$1").replace(/ ([\]}])/g, "$1");
    if (value === null || typeof value !== "object" || Array.isArray(value)) return line(value);
    const members = Object.entries(value).map(([name, part]) => `  ${JSON.stringify(name)}: ${line(part)}`);
    return members.length ? `{\n${members.join(",\n")}\n}` : "{}";
  }

  function replaceAll(area, text) {
    area.focus();
    area.select();
    // The browser's own way keeps undo.
    if (!document.execCommand("insertText", false, text)) area.value = text;
    area.dispatchEvent(new Event("input"));
  }

  function insertTwoSpaces(event) {
    const area = event.target;
    if (event.key === "Escape") { area.dataset.leave = "yes"; return; }
    if (event.key !== "Tab" || event.shiftKey || area.dataset.leave) { delete area.dataset.leave; return; }
    event.preventDefault();
    if (!document.execCommand("insertText", false, "  ")) area.setRangeText("  ", area.selectionStart, area.selectionEnd, "end");
  }

  function inserter(area) {
    const kind = area.name === "search_space_json" ? "space" : "value";
    const options = known.map((entry) => element("option", { value: entry.name, title: entry.help }, `${entry.name}  (${entry.bounds})`));
    const list = element("select", {}, element("option", { value: "" }, "Insert a hyperparameter…"), ...options);
    list.setAttribute("aria-label", "Insert a hyperparameter");
    list.addEventListener("change", () => {
      const entry = known.find((one) => one.name === list.value);
      list.value = "";
      let now;
      try { now = area.value.trim() ? JSON.parse(area.value) : {}; } catch { return; }
      if (entry) replaceAll(area, tidy({ ...now, [entry.name]: entry[kind] }));
    });
    return list;
  }

  function equip(area) {
    const state = element("output", { className: "json-state" });
    const button = element("button", { type: "button", className: "button small" }, "Tidy up");
    const bar = element("div", { className: "json-bar" }, ...(known.length && holdHyperparameters.includes(area.name) ? [inserter(area)] : []), button, state);
    area.after(bar);

    function check() {
      if (!area.value.trim()) { state.textContent = ""; button.disabled = true; return; }
      try {
        JSON.parse(area.value);
        state.textContent = "✓ valid JSON";
        state.className = "json-state right";
        button.disabled = false;
      } catch (error) {
        state.textContent = `✗ ${whereOf(error, area.value)}${whatOf(error)}`;
        state.className = "json-state wrong";
        button.disabled = true;
      }
    }

    button.addEventListener("click", () => replaceAll(area, tidy(JSON.parse(area.value))));
    area.addEventListener("input", check);
    area.addEventListener("keydown", insertTwoSpaces);
    check();
  }

  document.querySelectorAll("textarea.json-editor:not(:disabled)").forEach(equip);
})();
