// Notes when what happens in the studio's page, in milliseconds of its clock: moves of the mouse;
// pictures, from the frame after the one that drew them, with their number and how wide they are
// seen, which the canvas bounds as well; what the timeline shows.
(() => {
  const seen = (window.seen = { moves: [], pictures: [], seconds: [] });
  let texture = null, number = 0, width = 0, drawing = false, second = null;
  addEventListener("pointermove", (event) => seen.moves.push(event.timeStamp), true);
  const look = () => {
    const now = performance.now(), viser = window.__viserMutable;
    if (drawing) seen.pictures.push([now, number, width]);
    const installed = viser?.backgroundMaterial?.uniforms.colorMap.value;
    const wide = installed ? Math.min(installed.image.width, viser.canvas.width) : 0;
    drawing = wide > 0 && (installed !== texture || wide !== width);
    if (installed !== texture) number += 1;
    texture = installed;
    width = wide;
    const shown = document.querySelector('[role="slider"]')?.getAttribute("aria-valuenow");
    if (shown && shown !== second) seen.seconds.push([now, Number(shown)]);
    second = shown;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
