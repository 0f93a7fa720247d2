"""The measurements as one small picture: for each work a bar for each contender, ours being 1."""

from __future__ import annotations

from html import escape

from bench.report import Results

COLOURS = {"kolaborasi": "#0b6e4f", "postgraphile": "#7d8ca3", "strawberry": "#b9a27c", "pgbench": "#d0d4da"}
WIDTH, LEFT, HIGH, GAP = 720, 70, 16, 14


def draw(results: Results, ours: str) -> str:
    """An SVG in which a bar is as long as a contender's rate beside ours; longer ones are cut and say so."""
    shares = {
        work: {name: series.rate / by_name[ours].rate for name, series in by_name.items()}
        for work, by_name in results.items()
        if ours in by_name and by_name[ours].rate
    }
    longest = min(4.0, max((share for each in shares.values() for share in each.values()), default=1.0))
    room = WIDTH - LEFT - 180
    parts, y = [], 24
    for work, by_name in shares.items():
        parts.append(f'<text x="8" y="{y + HIGH - 4}" font-weight="bold">{escape(work)}</text>')
        for name, share in by_name.items():
            long = max(2, round(room * min(share, longest) / longest))
            told = f"{name} {share:.2f} ×" + (" (cut)" if share > longest else "")
            colour = COLOURS.get(name, "#999")
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{long}" height="{HIGH - 3}" fill="{colour}"/>')
            parts.append(f'<text x="{LEFT + long + 6}" y="{y + HIGH - 5}">{escape(told)}</text>')
            y += HIGH
        y += GAP
    title = f"Answers per second, {ours} = 1; the longer the faster"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img"'
        f' font-family="sans-serif" font-size="11"><title>{escape(title)}</title>'
        f'<rect width="{WIDTH}" height="{y}" fill="#fff"/><text x="8" y="14">{escape(title)}</text>'
        f"{''.join(parts)}</svg>\n"
    )
