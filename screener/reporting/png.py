"""Drawings as PNG, by Matplotlib, which is loaded only when a picture is asked for."""

from pathlib import Path

from .drawing import COLOURS, Dot, Drawing, Polyline, Rect, Text, arrow_head

DPI = 200
"""Dots per inch, of a drawing whose units are 1/96 inch: about twice a screen's."""


def write_png(drawing: Drawing, path: Path) -> None:
    """Paint the drawing into a PNG file."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Circle, FancyBboxPatch, Polygon

    with mpl.rc_context({"font.family": ["DejaVu Sans"]}):
        figure = Figure(figsize=(drawing.width / 96, drawing.height / 96), dpi=DPI, facecolor=COLOURS["paper"])
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, drawing.width)
        axes.set_ylim(drawing.height, 0)
        axes.axis("off")
        for one in drawing.shapes:
            if isinstance(one, Rect):
                edge = COLOURS[one.stroke] if one.stroke else "none"
                box = f"round,pad=0,rounding_size={one.radius}" if one.radius else "square,pad=0"
                axes.add_patch(
                    FancyBboxPatch((one.x, one.y), one.width, one.height, boxstyle=box, facecolor=COLOURS[one.fill],
                                   edgecolor=edge, linewidth=one.weight * 0.75)
                )  # fmt: skip
            elif isinstance(one, Polyline):
                xs, ys = zip(*one.points, strict=True)
                axes.plot(xs, ys, color=COLOURS[one.stroke], linewidth=one.weight * 0.75,
                          linestyle="--" if one.dashed else "-", solid_capstyle="butt")  # fmt: skip
                if one.arrow:
                    axes.add_patch(
                        Polygon(arrow_head(one), closed=True, facecolor=COLOURS[one.stroke], edgecolor="none")
                    )
            elif isinstance(one, Dot):
                axes.add_patch(Circle((one.x, one.y), one.radius, facecolor=COLOURS[one.fill], alpha=one.opacity,
                                      edgecolor="none"))  # fmt: skip
            elif isinstance(one, Text):
                # DejaVu Sans runs wider than the fonts of a screen, so it is set a little smaller.
                axes.text(one.x, one.y, one.text.replace("$", r"\$"), fontsize=one.size * 0.75 * 0.9,
                          color=COLOURS[one.fill], ha={"start": "left", "middle": "center", "end": "right"}[one.anchor],
                          va="baseline", weight="bold" if one.bold else "normal", rotation=90 if one.turned else 0,
                          rotation_mode="anchor")  # fmt: skip
        figure.savefig(path, dpi=DPI, metadata={"Software": None, "Title": drawing.title})
