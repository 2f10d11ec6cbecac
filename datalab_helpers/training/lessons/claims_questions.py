"""What lesson 5 asks: the six questions of comprehension, two a concept, on one invented result.

797 people took part: 31 of every 100 reoffended, and 40 of every 100 similar people; range 5 to 13 fewer; moderate.
"""

from __future__ import annotations

from ..lesson import Option, Question

FIGURES, RANGE, FIRMNESS = "the two figures", "what a range shows", "how much may be said"

QUESTIONS = (
    Question(
        "Of every 100 people who took part, 31 reoffended. Among similar people who did not it was 40. "
        "How many would have been expected without the programme?",
        (
            Option("About 40 of every 100.", "Similar people show what would have been likely without it."),
            Option(
                "31 of every 100.",
                "That is what happened to those who took part, with the programme.",
                "one's own figure is the starting point",
            ),
            Option(
                "9 of every 100.",
                "9 is the difference between the two figures, and no group had it.",
                "the difference is a rate",
            ),
            Option(
                "60 of every 100.",
                "That counts those who did not reoffend. Look which people the figure counts.",
                "the rate counted the other way round",
            ),
        ),
        FIGURES,
    ),
    Question(
        "31 and 40 of every 100, and the range is 5 to 13 fewer. How is the difference told best?",
        (
            Option(
                "9 fewer in every 100, likely between 5 and 13 fewer.",
                "It says of how many people, and how sure the figure is.",
            ),
            Option(
                "Reoffending was 22% lower.",
                "A share of a share sounds larger than it is, and nobody sees how many people it is.",
                "a share of a share is the plain size",
            ),
            Option(
                "9 people fewer reoffended.",
                "It is 9 of every 100, and 797 people took part. Say of how many.",
                "of every 100 is a count of persons",
            ),
            Option(
                "31% fewer people reoffended.",
                "31 of every 100 is the figure of those who took part, and not the difference.",
                "a rate is a difference",
            ),
        ),
        FIGURES,
    ),
    Question(
        "The range is 5 to 13 fewer in every 100. What does it say?",
        (
            Option(
                "The true difference probably lies between 5 and 13 fewer.",
                "Now and then a range misses the truth, so say likely.",
            ),
            Option(
                "In the worst prison it was 5 fewer, in the best 13.",
                "It is one range for one comparison. Prisons were not looked at one by one.",
                "a range is a spread of places",
            ),
            Option(
                "Each person became 5 to 13 per cent less likely to reoffend.",
                "The range is about the rate of all, and not about any single person.",
                "a range is about each person",
            ),
            Option(
                "The truth is exactly 9 fewer, since that is the middle.",
                "9 is what was seen. Anything in the range fits what was seen.",
                "what was seen is the truth",
            ),
        ),
        RANGE,
    ),
    Question(
        "Another charity's range is 12 fewer to 4 more in every 100. In which direction did reoffending change?",
        (
            Option(
                "It cannot be told from this result.",
                "The range holds falls, rises and no change.",
            ),
            Option(
                "Downwards, since the middle is 4 fewer.",
                "The middle may be luck. A range that holds no change points nowhere.",
                "the middle gives the direction",
            ),
            Option(
                "Upwards, since 4 more is possible.",
                "It is possible and not shown, as little as a fall.",
                "what is possible has happened",
            ),
            Option(
                "It did not change.",
                "Not being able to tell is not the same as no change.",
                "absence of evidence is evidence of absence",
            ),
        ),
        RANGE,
    ),
    Question(
        "The range is 5 to 13 fewer, and confidence is moderate. Which sentence fits?",
        (
            Option(
                "Our mentoring probably reduced reoffending.",
                "Moderate confidence is said with probably.",
            ),
            Option(
                "Our mentoring reduced reoffending.",
                "Without probably it says more than moderate confidence bears.",
                "a clear range is a sure answer",
            ),
            Option(
                "The figures prove that our mentoring cuts reoffending.",
                "One matched comparison is evidence and no proof, at any confidence.",
                "evidence is proof",
            ),
            Option(
                "Our mentoring makes no difference to reoffending.",
                "The range holds only falls. Caution is not the same as seeing nothing.",
                "not sure means no effect",
            ),
        ),
        FIRMNESS,
    ),
    Question(
        "Which sentence may stand in the annual report as it is?",
        (
            Option(
                "A matched comparison suggests that our programme probably reduced reoffending.",
                "It names the kind of evidence and says how sure it is.",
            ),
            Option(
                "Every prison that takes up our mentoring will see less reoffending.",
                "The result is about the people analysed. Other places need results of their own.",
                "a result here is a promise elsewhere",
            ),
            Option(
                "The whole difference is due to our mentors.",
                "The groups may have differed in ways that nobody recorded.",
                "the whole difference is the effect",
            ),
            Option(
                "Our mentoring saves the taxpayer money.",
                "Nobody looked at costs. The checker of drafts has a rule for this one too.",
                "fewer reoffences are counted savings",
            ),
        ),
        FIRMNESS,
    ),
)
