"""What lesson 3 asks: two questions a concept, and for each wrong answer the mistake behind it."""

from __future__ import annotations

from ..lesson import Option, Question

WAY, NEARER, UNSEEN = "which way the error goes", "what nearer twins cost", "what no record shows"

QUESTIONS = (
    Question(
        "Second Start is matched on age and sex only, and seems to lower reoffending. "
        "In truth it changes nothing. Which way is the error?",
        (
            Option(
                "It flatters Second Start, whose people were less likely to reoffend from the start.",
                "They had fewer convictions and more often a home, and age and sex do not show that.",
            ),
            Option(
                "It hides some of the good that Second Start does.",
                "There is no good to hide in this story. The gap comes from people who were unlike from the start.",
                "a poor match always hides an effect",
            ),
            Option(
                "There is no error, since the twins have the same age and sex.",
                "Look at the rows below age and sex. People can share both and have very different pasts.",
                "alike in two traits is alike in all",
            ),
            Option(
                "There is an error, but its direction can never be known.",
                "Often it can. Ask who was likelier to take part, and how such people fare without help.",
                "the direction of an error is pure chance",
            ),
        ),
        WAY,
    ),
    Question(
        "Long Road, another invented charity, takes only people with many convictions. "
        "It is matched on age and sex only. Which way is the error?",
        (
            Option(
                "It makes Long Road look worse than it is.",
                "Its people were likelier to reoffend from the start, and their twins were not.",
            ),
            Option(
                "It flatters Long Road, as it flattered Second Start.",
                "That depends on who takes part. Here it is those with the harder past.",
                "matching on too little always flatters",
            ),
            Option(
                "None, if Long Road has helped enough people.",
                "More people make the answer steadier, and leave the groups as unlike as before.",
                "many people cure an unfair comparison",
            ),
            Option(
                "Errors in both directions cancel each other out.",
                "They all point one way here: every person taken has a harder past than the twins.",
                "errors always cancel out",
            ),
        ),
        WAY,
    ),
    Question(
        "You ask for twins that are all but identical, not just near. What happens?",
        (
            Option(
                "Some people lose their twin, and the answer is about those who are left.",
                "Those lost are not like the others, so the answer is about a different group.",
            ),
            Option(
                "The answer can only get better.",
                "Near twins had already closed the gap. All that changed after that was who is left.",
                "nearer is always better",
            ),
            Option(
                "More people find a twin.",
                "It is the other way round: the stricter the demand, the fewer others can meet it.",
                "a stricter search finds more",
            ),
            Option(
                "Nothing much, because the same people stay.",
                "Count the empty dots. A stricter demand is paid for in people.",
                "a stricter match costs nothing",
            ),
        ),
        NEARER,
    ),
    Question(
        "87 of the 140 people have a twin. Whom is the result about?",
        (
            Option(
                "The 87 people who have a twin.",
                "A good report says so, and says how the others differ.",
            ),
            Option(
                "All 140 people.",
                "Nobody stands in for those without a twin, so the result cannot speak of them.",
                "those lost are like those kept",
            ),
            Option(
                "Everybody who leaves prison.",
                "It started from people who chose Second Start, and lost some even of those.",
                "a result about some is a result about all",
            ),
            Option(
                "The others who served as twins.",
                "They only show how the people helped would have fared without help.",
                "the comparison group is the subject",
            ),
        ),
        NEARER,
    ),
    Question(
        "All five traits on record agree. Readiness to change was never recorded. What follows?",
        (
            Option(
                "The groups may still differ in readiness, and so in reoffending.",
                "Agreement on records is good news about the records only.",
            ),
            Option(
                "Readiness must agree as well, since all else does.",
                "In the story it did not: far more of those who took part were ready to change.",
                "agreement on records proves agreement in all",
            ),
            Option(
                "Nearer twins would remove what is left.",
                "Try it. Nearness is measured by records, and readiness is in none of them.",
                "nearness mends what was not measured",
            ),
            Option(
                "The result is worthless.",
                "It has removed what the records show. The rest is a reason for caution, not for throwing it away.",
                "imperfect is useless",
            ),
        ),
        UNSEEN,
    ),
    Question(
        "What would help most against a difference that no record shows?",
        (
            Option(
                "To ask everybody at the start, also those who then got no place.",
                "What is written down for both sides at the start can be matched.",
            ),
            Option(
                "To help more people in the same way.",
                "The same kind of people would still choose to come, so the difference would stay.",
                "a larger group is a fairer group",
            ),
            Option(
                "To ask those who took part at the end how ready they feel.",
                "By then the programme may have changed the answer, and nobody asks the twins.",
                "what is measured afterwards can be matched",
            ),
            Option(
                "To keep only people who finished.",
                "Those who finish were often the readiest, so the difference would grow.",
                "finishers are a fair group",
            ),
        ),
        UNSEEN,
    ),
)
