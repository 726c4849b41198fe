"""Drawings as PNG, by Matplotlib, which is loaded only when a picture is asked for."""

from pathlib import Path

from ..core.errors import BadInput
from .drawing import COLOURS, Dot, Drawing, Polyline, Rect, Text, arrow_head

DPI = 200
"""Dots per inch, of a drawing whose units are 1/96 inch: about twice a screen's."""


def write_png(drawing: Drawing, path: Path) -> None:
    """Paint the drawing into a PNG file. Raises `BadInput` without Matplotlib."""
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.patches import Circle, FancyBboxPatch, Polygon
    except ModuleNotFoundError as error:
        raise BadInput(f"--figures: needs the package {error.name}; pip install 'screener[figures]'") from None

    with mpl.rc_context({"font.family": ["DejaVu Sans"]}):
        figure = Figure(figsize=(drawing.width / 96, drawing.height / 96), dpi=DPI, facecolor=COLOURS["paper"])
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, drawing.width)
        axes.set_ylim(drawing.height, 0)
        axes.axis("off")
        for shape in drawing.shapes:
            if isinstance(shape, Rect):
                edge = COLOURS[shape.stroke] if shape.stroke else "none"
                box = f"round,pad=0,rounding_size={shape.radius}" if shape.radius else "square,pad=0"
                axes.add_patch(
                    FancyBboxPatch((shape.x, shape.y), shape.width, shape.height, boxstyle=box, facecolor=COLOURS[shape.fill],
                                   edgecolor=edge, linewidth=shape.weight * 0.75)
                )  # fmt: skip
            elif isinstance(shape, Polyline):
                xs, ys = zip(*shape.points, strict=True)
                axes.plot(xs, ys, color=COLOURS[shape.stroke], linewidth=shape.weight * 0.75,
                          linestyle="--" if shape.dashed else "-", solid_capstyle="butt")  # fmt: skip
                if shape.arrow:
                    axes.add_patch(
                        Polygon(arrow_head(shape), closed=True, facecolor=COLOURS[shape.stroke], edgecolor="none")
                    )
            elif isinstance(shape, Dot):
                axes.add_patch(Circle((shape.x, shape.y), shape.radius, facecolor=COLOURS[shape.fill], alpha=shape.opacity,
                                      edgecolor="none"))  # fmt: skip
            elif isinstance(shape, Text):
                # DejaVu Sans runs wider than the fonts of a screen, so it is set a little smaller.
                axes.text(shape.x, shape.y, shape.text.replace("$", r"\$"), fontsize=shape.size * 0.75 * 0.9,
                          color=COLOURS[shape.fill], ha={"start": "left", "middle": "center", "end": "right"}[shape.anchor],
                          va="baseline", weight="bold" if shape.bold else "normal", rotation=90 if shape.turned else 0,
                          rotation_mode="anchor")  # fmt: skip
        figure.savefig(path, dpi=DPI, metadata={"Software": None, "Title": drawing.title})
