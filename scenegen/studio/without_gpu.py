"""A script for the page in browsers that draw without a GPU, on the cores that render as well.

There every pixel of the canvas costs: it gets as many as the picture in it has, few while the
camera moves and more when it rests, but never less than one for two of the page's, or the lines in
front became bars. viser's page shows what the script needs for its own tests; where it does not,
the canvas stays as it is.
"""

SCRIPT = """<script>
(() => {
  const gl = document.createElement("canvas").getContext("webgl2");
  const named = gl?.getExtension("WEBGL_debug_renderer_info");
  const drawer = named ? gl.getParameter(named.UNMASKED_RENDERER_WEBGL) : "";
  gl?.getExtension("WEBGL_lose_context")?.loseContext();
  if (!/swiftshader|llvmpipe|softpipe|basic render/i.test(drawer)) return;
  let set = null;
  setInterval(() => {
    const viser = window.__viserMutable, settings = window.__viserTestpoints?.devSettings;
    const picture = viser?.backgroundMaterial?.uniforms.colorMap.value?.image;
    if (!picture || !settings) return;
    const ratio = picture.width / viser.canvas.clientWidth;
    const wanted = Math.min(Math.max(ratio, 0.5), window.devicePixelRatio);
    if (wanted !== set) settings.set({ fixedDpr: (set = wanted) });
  }, 50);
})();
</script>"""
