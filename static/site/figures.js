"use strict";
// Draws the Plotly figures of a page in the colours of its theme, and again when new data or another theme comes.

(() => {
  const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();

  function layoutOf(figure) {
    const axis = { gridcolor: colour("--hairline-color"), zerolinecolor: colour("--border-color"), automargin: true };
    const given = figure.layout;
    return {
      ...given,
      xaxis: { ...axis, ...given.xaxis },
      yaxis: { ...axis, ...given.yaxis },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: colour("--body-fg"), family: colour("--font-family-primary"), size: 12 },
      margin: { l: 56, r: 16, t: 8, b: 44 },
      legend: { orientation: "h", x: 1, xanchor: "right", y: 1.02, yanchor: "bottom" },
      hoverlabel: { font: { family: colour("--font-family-primary") } },
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
