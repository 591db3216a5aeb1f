"use strict";
// Helps to write JSON: says at once what is wrong and in which line, indents, tidies up, inserts hyperparameters.

(() => {
  const known = dataOf("known-hyperparameters");
  const kinds = dataOf("parameter-kinds");

  const holdHyperparameters = ["search_space_json", "fixed_params_json", "hyperparameters_json"];

  function dataOf(id) {
    const source = document.getElementById(id);
    return source ? JSON.parse(source.textContent) : [];
  }

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

  // JSON.parse keeps the last of two members with one name; the server refuses them.
  function parse(text) {
    const value = JSON.parse(text);
    const objects = [];
    let before = "";
    for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g)) {
      if (token === "{" || token === "[") objects.push(token === "{" ? new Set() : null);
      else if (token === "}" || token === "]") objects.pop();
      else if (objects.at(-1) && (before === "{" || before === ",")) addKey(objects.at(-1), token, text.slice(0, index));
      before = token;
    }
    return value;
  }

  function addKey(keys, token, before) {
    const key = JSON.parse(token);
    const lines = before.split("\n");
    if (keys.has(key)) {
      throw new SyntaxError(`the key '${key}' appears twice at line ${lines.length} column ${lines.at(-1).length + 1}`);
    }
    keys.add(key);
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

  // A list whose choices ({ value, text, help, members }) add members to the object in the text area.
  function inserter(area, label, choices) {
    const options = choices.map(({ value, text, help }) => element("option", { value, title: help }, text));
    const list = element("select", {}, element("option", { value: "" }, `${label}…`), ...options);
    list.setAttribute("aria-label", label);
    list.addEventListener("change", () => {
      const chosen = choices.find((one) => one.value === list.value);
      list.value = "";
      let now;
      try { now = area.value.trim() ? parse(area.value) : {}; } catch { return; }
      if (chosen) replaceAll(area, tidy({ ...now, ...chosen.members }));
    });
    return list;
  }

  function hyperparameterInserter(area, member) {
    return inserter(area, "Insert a hyperparameter", known.map((entry) => ({
      value: entry.name, text: `${entry.name}  (${entry.bounds})`, help: entry.help, members: { [entry.name]: entry[member] },
    })));
  }

  function kindInserter(area) {
    return inserter(area, "Insert an example", kinds.map((kind) => ({
      value: kind.type, text: kind.type, help: kind.values, members: kind.example,
    })));
  }

  function inserters(area) {
    if (!known.length || !holdHyperparameters.includes(area.name)) return [];
    if (area.name !== "search_space_json") return [hyperparameterInserter(area, "value")];
    return [hyperparameterInserter(area, "space"), ...(kinds.length ? [kindInserter(area)] : [])];
  }

  function equip(area) {
    const state = element("output", { className: "json-state" });
    const button = element("button", { type: "button", className: "button small" }, "Tidy up");
    const bar = element("div", { className: "json-bar" }, ...inserters(area), button, state);
    area.after(bar);

    function check() {
      if (!area.value.trim()) { state.textContent = ""; button.disabled = true; return; }
      try {
        parse(area.value);
        state.textContent = "✓ valid JSON";
        state.className = "json-state right";
        button.disabled = false;
      } catch (error) {
        state.textContent = `✗ ${whereOf(error, area.value)}${whatOf(error)}`;
        state.className = "json-state wrong";
        button.disabled = true;
      }
    }

    button.addEventListener("click", () => replaceAll(area, tidy(parse(area.value))));
    area.addEventListener("input", check);
    area.addEventListener("keydown", insertTwoSpaces);
    check();
  }

  document.querySelectorAll("textarea.json-editor:not(:disabled)").forEach(equip);
})();
