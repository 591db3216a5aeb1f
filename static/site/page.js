"use strict";
// What every page needs. Without it everything works: live parts are then just reloaded.

// Many filters as one press: a filter form leaves its empty fields out of the address.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "get") return;
  for (const field of form.elements) {
    if (field.name && field.value === "") field.disabled = true;
  }
});

// Coming back by the browser's own button: those fields can be used again.
window.addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form[method=get] :disabled")) field.disabled = false;
});

// On narrow screens the filter of a list starts closed.
if (window.matchMedia("(max-width: 1024px)").matches) {
  document.querySelectorAll("#changelist-filter details.filter").forEach((filter) => { filter.open = false; });
}

// One click, one POST: a second press of the same button does nothing.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
