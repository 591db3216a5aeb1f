"use strict";
// Draws the Plotly figures of a page in the colors of its theme, and again when the data or the theme changes.

(() => {
  // A variable of tokens.css as Plotly understands it: the browser resolves `light-dark()` only in a real property.
  const probe = document.body.appendChild(Object.assign(document.createElement("span"), { hidden: true }));

  function color(name) {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  }

  function layoutOf(figure) {
    const fontFamily = getComputedStyle(document.body).fontFamily;
    const axis = { gridcolor: color("--hairline-color"), zerolinecolor: color("--border-color"), automargin: true };
    const given = figure.layout;
    return {
      ...given,
      xaxis: { ...axis, ...given.xaxis },
      yaxis: { ...axis, ...given.yaxis },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: color("--body-fg"), family: fontFamily, size: 12 },
      margin: { l: 56, r: 16, t: 8, b: 44 },
      legend: { orientation: "h", x: 1, xanchor: "right", y: 1.02, yanchor: "bottom" },
      hoverlabel: { font: { family: fontFamily } },
      uirevision: "kept",
    };
  }

  function draw(place) {
    const data = document.getElementById(place.dataset.figure);
    place.closest(".figure-card").hidden = !data;
    if (!data) return;
    const text = data.textContent + document.documentElement.dataset.theme;
    if (place.dataset.drawn === text) return;
    place.dataset.drawn = text;
    const figure = JSON.parse(data.textContent);
    Plotly.react(place, figure.data, layoutOf(figure), { displayModeBar: false, responsive: true });
  }

  function drawAll() {
    document.querySelectorAll("[data-figure]").forEach(draw);
  }

  function drawAgain() {
    document.querySelectorAll("[data-figure]").forEach((place) => { place.dataset.drawn = ""; });
    drawAll();
  }

  drawAll();
  document.addEventListener("htmx:afterSettle", drawAll);
  new MutationObserver(drawAgain).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAgain);
})();
