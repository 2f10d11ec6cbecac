"""What lesson 4 asks: two questions a concept, and for each wrong answer the mistake behind it."""

from __future__ import annotations

from ..lesson import Option, Question

UNCLEAR, WINNERS, RANGE = "not clear is not nothing", "a result that stands out", "what a range is"

QUESTIONS = (
    Question(
        "The range is 9 fewer to 3 more in every 100. Did the programme fail?",
        (
            Option(
                "Nobody can tell: the range holds a useful fall and also a small rise.",
                "The next step is more people, or several years together.",
            ),
            Option(
                "Yes, it has been shown to have no effect.",
                "Not seeing a change is not seeing that there is none. A fall of 9 fits this range as well.",
                "absence of evidence is evidence of absence",
            ),
            Option(
                "No, it worked, since most of the range lies on the side of fewer.",
                "A range that holds no change points nowhere. Luck alone often gives one like it.",
                "a leaning range is a result",
            ),
            Option(
                "Yes, it did harm, since 3 more is in the range.",
                "The ends are where the range stops, and not what happened.",
                "the worst end is what happened",
            ),
        ),
        UNCLEAR,
    ),
    Question(
        "Which range would show that a programme makes little or no difference?",
        (
            Option("1 fewer to 1 more in every 100.", "It holds only changes too small to matter."),
            Option(
                "14 fewer to 10 more in every 100.",
                "It holds large changes both ways. That is not knowing, and not knowing that there is nothing.",
                "a wide range around zero means no effect",
            ),
            Option(
                "8 fewer to 1 fewer in every 100.",
                "No change is outside this range, so it shows a fall, if perhaps a small one.",
                "a small end means no effect",
            ),
            Option(
                "No range can ever show that.",
                "A short range around no change can. It takes many people.",
                "no difference can never be shown",
            ),
        ),
        UNCLEAR,
    ),
    Question(
        "142 people were helped. This year shows 12 fewer, and it looks clear. Will next year show 12 fewer again?",
        (
            Option(
                "Probably less: a year that stands out owes part of it to luck.",
                "With so few people only lucky years look clear, so the next is likely to be smaller.",
            ),
            Option(
                "Yes, about 12, because it was clear.",
                "Clear says that luck alone seldom does this. It does not say that the size is right.",
                "clear means exact",
            ),
            Option(
                "No, it will show no change, because this was only luck.",
                "Part of it was luck, and part may be true. The likeliest answer lies between.",
                "luck explains all or nothing",
            ),
            Option(
                "More than 12, since the programme is getting better.",
                "One year is no trend. In the story nothing changed from year to year.",
                "one point is a trend",
            ),
        ),
        WINNERS,
    ),
    Question(
        "Ten small charities are compared. The best of them shows 15 fewer in every 100. What is likely?",
        (
            Option(
                "Its true change is smaller than 15.",
                "The best of ten had the most luck as well, so its figure is too good.",
            ),
            Option(
                "Its true change is 15.",
                "It was picked because it stood out, and picking by size picks luck too.",
                "what was picked is as good as it looks",
            ),
            Option(
                "It is surely the best of the ten.",
                "Another year may have another winner. Look how the years change places.",
                "the order of one year is the true order",
            ),
            Option(
                "Its true change is larger than 15.",
                "Bad luck would have kept it from being the best.",
                "luck works against the winner",
            ),
        ),
        WINNERS,
    ),
    Question(
        "A report gives a range of 12 fewer to 4 more in every 100. What does that mean?",
        (
            Option(
                "Of 100 ranges made this way, about 95 hold the true change.",
                "Look at the picture: now and then one misses the truth, and nobody would know.",
            ),
            Option(
                "Of 100 people, 95 changed by something between these numbers.",
                "The range is about one number, the change in the rate, and not about single persons.",
                "a range is a spread of persons",
            ),
            Option(
                "The truth is the middle of the range, 4 fewer.",
                "The middle is what was seen. The truth may be anywhere in the range, and now and then outside.",
                "the middle is the truth",
            ),
            Option(
                "A change outside the range is impossible.",
                "About 5 of 100 ranges miss the truth. It is unlikely and not impossible.",
                "the range is a wall",
            ),
        ),
        RANGE,
    ),
    Question(
        "You would like a range half as wide. What does it take?",
        (
            Option(
                "About four times as many people.",
                "Compare 500 people with 2,000: the ranges are half as wide.",
            ),
            Option(
                "Twice as many people.",
                "It helps, but less than one would think. Twice the people take off less than a third.",
                "twice the people, half the range",
            ),
            Option(
                "To work out the same figures again with more care.",
                "The width comes from how few people there are, not from careless work.",
                "care replaces people",
            ),
            Option(
                "To wait for a better year.",
                "A year with a larger change has a range about as wide.",
                "a better result is a surer result",
            ),
        ),
        RANGE,
    ),
)
