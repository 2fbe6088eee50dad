"""How made-up psychologists present themselves: the same thoughts in French and in English.

Words that agree with the speaker are avoided, so that a sentence fits everybody.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple


class Thought(NamedTuple):
    """One sentence in both languages."""

    fr: str
    en: str


WELCOME = (
    Thought(
        "Vous pouvez venir comme vous êtes, même sans savoir par où commencer.",
        "You can come as you are, even without knowing where to start.",
    ),
    Thought(
        "Je vous accueille dans un lieu calme, à l'écart du bruit de la rue.",
        "I welcome you in a quiet place, away from the noise of the street.",
    ),
    Thought(
        "Le premier rendez-vous sert à faire connaissance et à comprendre ce qui vous pèse.",
        "The first appointment is for getting to know each other and understanding what weighs "
        "on you.",
    ),
    Thought(
        "Il n'y a pas de petit problème : ce qui vous empêche de dormir mérite d'être entendu.",
        "No problem is too small: what keeps you awake deserves to be heard.",
    ),
    Thought(
        "Parler à quelqu'un pour la première fois demande du courage ; prenez votre temps.",
        "Talking to someone for the first time takes courage; take your time.",
    ),
    Thought(
        "Nous commençons par ce qui compte pour vous aujourd'hui, à votre rythme.",
        "We start from what matters to you today, at your own pace.",
    ),
    Thought(
        "Je reçois avec la même attention les grandes peines et les inquiétudes du quotidien.",
        "I give the same attention to great sorrows and to everyday worries.",
    ),
    Thought(
        "Ici, rien de ce que vous dites n'est jugé.",
        "Here, nothing you say is judged.",
    ),
    Thought(
        "On peut avoir besoin d'aide sans que tout aille mal.",
        "You can need help without everything going wrong.",
    ),
    Thought(
        "Mon cabinet est ouvert à toutes les histoires de vie.",
        "My practice is open to every life story.",
    ),
)
WAY = (
    Thought(
        "Je m'appuie sur les thérapies comportementales et cognitives, avec des exercices simples "
        "à reprendre chez soi.",
        "I work with cognitive and behavioural therapy, with simple exercises to try at home.",
    ),
    Thought(
        "Mon approche est centrée sur la personne : vous savez mieux que quiconque ce que vous "
        "vivez, je vous aide à le dire.",
        "My approach is centred on the person: you know best what you live through, I help you "
        "say it.",
    ),
    Thought(
        "D'orientation psychodynamique, je regarde ce qui se répète et ce qui peut changer.",
        "With a psychodynamic outlook, I look at what repeats itself and at what can change.",
    ),
    Thought(
        "Je travaille avec l'approche systémique : un mal-être se comprend aussi dans ses liens "
        "avec les proches et le travail.",
        "I work with the systemic approach: distress is also understood through its ties with "
        "family and work.",
    ),
    Thought(
        "Nous fixons ensemble un ou deux objectifs concrets et nous regardons régulièrement le "
        "chemin parcouru.",
        "Together we set one or two concrete goals and look regularly at the way we have come.",
    ),
    Thought(
        "J'utilise selon les besoins la relaxation, la pleine conscience et la parole, tout "
        "simplement.",
        "Depending on your needs, I use relaxation, mindfulness and simply talking.",
    ),
    Thought(
        "Ma pratique est intégrative : j'adapte les outils à la personne, jamais l'inverse.",
        "My practice is integrative: I fit the tools to the person, never the other way round.",
    ),
)
ADULTS = (
    Thought(
        "J'accompagne souvent l'anxiété, les ruminations et les troubles du sommeil.",
        "I often support people with anxiety, endless worry and trouble sleeping.",
    ),
    Thought(
        "Beaucoup de personnes viennent me voir pour un épuisement au travail ou après une "
        "séparation.",
        "Many people come to see me about exhaustion at work or after a separation.",
    ),
    Thought(
        "Le deuil, la solitude et les moments où tout bascule sont au cœur de mon travail.",
        "Grief, loneliness and the moments when everything tips over are at the heart of my work.",
    ),
    Thought(
        "Je connais bien la baisse de moral qui suit une naissance, un déménagement ou un "
        "changement de métier.",
        "I know well the low mood that follows a birth, a move or a change of job.",
    ),
    Thought(
        "Je reçois aussi des aidants et des soignants, qui pensent rarement à eux.",
        "I also see carers and health workers, who rarely think of themselves.",
    ),
    Thought(
        "L'usage du tabac, de l'alcool ou du cannabis peut se parler sans honte.",
        "The use of tobacco, alcohol or cannabis can be talked about without shame.",
    ),
)
YOUNG = (
    Thought(
        "Avec les adolescents, je fixe un cadre clair : leur parole leur appartient.",
        "With teenagers I set clear rules: what they say belongs to them.",
    ),
    Thought(
        "Stress scolaire, conflits à la maison, image de soi : les jeunes trouvent ici un espace "
        "à eux.",
        "Stress at school, conflicts at home, self-image: young people find a space of their own "
        "here.",
    ),
    Thought(
        "Je travaille avec les familles, et je vois toujours le jeune un moment en tête-à-tête.",
        "I work with families, and always see the young person alone for a while.",
    ),
)
CHILDREN = (
    Thought(
        "Les enfants dessinent, jouent et racontent ; les parents ont aussi leur place.",
        "Children draw, play and tell; parents have their place too.",
    ),
    Thought(
        "Colères, peurs de la nuit, chagrins d'école : j'aide l'enfant et ceux qui l'entourent.",
        "Tantrums, fears at night, sorrows at school: I help the child and those around them.",
    ),
    Thought(
        "Une salle de jeux attend les plus jeunes, avec des feutres, du sable et des "
        "marionnettes.",
        "A playroom awaits the youngest, with felt-tips, sand and puppets.",
    ),
)
VIDEO = (
    Thought(
        "Après le premier rendez-vous, certaines séances peuvent se faire en vidéo.",
        "After the first appointment, some sessions can be held by video.",
    ),
    Thought(
        "Le suivi en vidéo est possible quand le trajet est difficile.",
        "Follow-up by video is possible when the journey is difficult.",
    ),
)
PRACTICAL = (
    Thought(
        "Le cabinet est facile à rejoindre à pied depuis le centre.",
        "The practice is easy to reach on foot from the centre.",
    ),
    Thought(
        "On se gare facilement dans la rue.",
        "It is easy to park in the street.",
    ),
    Thought(
        "Une petite salle d'attente permet de souffler avant d'entrer.",
        "A small waiting room lets you catch your breath before coming in.",
    ),
    Thought(
        "Si vous avez un empêchement, un simple message suffit.",
        "If something comes up, a simple message is enough.",
    ),
    Thought(
        "Je travaille en lien avec les médecins du quartier quand vous le souhaitez.",
        "I work with the local doctors when you wish it.",
    ),
    Thought(
        "Les personnes sourdes ou malentendantes peuvent prendre contact par écrit.",
        "Deaf and hard-of-hearing people can make contact in writing.",
    ),
)
_PRACTICAL_SHARE = 0.5


def presentation(
    chance: Random, *, adults: bool, teenagers: bool, children: bool, video: bool
) -> Thought:
    """Three to five sentences, the same in French and in English."""
    thoughts = [chance.choice(WELCOME), chance.choice(WAY)]
    thoughts += [chance.choice(CHILDREN)] if children else []
    thoughts += [chance.choice(YOUNG)] if teenagers and not children else []
    thoughts += [chance.choice(ADULTS)] if adults and not children else []
    thoughts += [chance.choice(VIDEO)] if video else []
    thoughts += [chance.choice(PRACTICAL)] if chance.random() < _PRACTICAL_SHARE else []
    return Thought(
        " ".join(thought.fr for thought in thoughts), " ".join(thought.en for thought in thoughts)
    )
