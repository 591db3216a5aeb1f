"use strict";
// What every page needs. Everything also works without it; live parts are then updated by reloading the page.

// A filter form leaves its empty fields out of the address.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "get") return;
  for (const field of form.elements) {
    if (field.name && field.value === "") field.disabled = true;
  }
});

// After the browser's Back button those fields can be used again.
window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form[method=get] :disabled")) field.disabled = false;
});

// On narrow screens the filter of a list starts closed.
if (window.matchMedia("(max-width: 1024px)").matches) {
  document.querySelectorAll("#changelist-filter details.filter").forEach((filter) => { filter.open = false; });
}

// An open menu or form stays open: the part of the page that it is in is not loaded again before it is closed.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.querySelector("details.menu[open], details.confirm[open]")) event.preventDefault();
});

// A click elsewhere and Escape close a menu.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// One click, one POST: a second press of the same button does nothing.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
