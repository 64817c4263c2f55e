"""What the studio adds to viser's page for every browser."""

from __future__ import annotations

PHONE = """<style>
@media (max-width:36em){
.mantine-Paper-root[style*="position: fixed"][style*="bottom: 0"]{
width:100%!important;max-height:46%!important}
.mantine-Paper-root[style*="position: fixed"][style*="bottom: 0"] [style*="width: 20em"]{
width:100%!important}
}
</style>"""
"""On a phone viser's panel is a sheet at the bottom, as narrow as on a desk and higher than half of
the page: here it is as wide as the page, and leaves the view its better half."""
