"""Draws label.png: white letters on a translucent rounded plate. Run once; needs Pillow and DejaVu Sans Bold."""
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

HEIGHT, LETTERS, PADDING = 96, 66, 26  # pixels; letters' cap height is 5/7.2 of the plate's
font = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf", 90 * LETTERS // 66)
left, top, right, bottom = font.getbbox("AI GENERATED")
plate = Image.new("RGBA", (right - left + 2 * PADDING, HEIGHT), (0, 0, 0, 0))
draw = ImageDraw.Draw(plate)
draw.rounded_rectangle((0, 0, plate.width - 1, HEIGHT - 1), radius=22, fill=(0, 0, 0, 150))
draw.text((PADDING - left, (HEIGHT - (bottom - top)) // 2 - top), "AI GENERATED", font=font, fill=(255, 255, 255, 255))
plate.save(Path(__file__).with_name("label.png"), optimize=True)
