"""Keys that an event may spoil, for every store's events."""

NASTY = [
    "dog.jpg",
    "trip 2026/a b.jpg",
    "100%.jpg",
    "a%2Fb%20c+d.jpg",
    "照片/狗 1.jpg",
    "🐶\n\t\x01\x7f.jpg",
    "/begins with a slash.jpg",
    "a//b/../c/./d.jpg",
    " leading and trailing ",
    "quotes'\"\\<xml>&amp;{}.jpg",
    "\u202e\u2028.jpg",
]
