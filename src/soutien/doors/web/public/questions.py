"""The questions of « Est-ce pour moi ? »: one track for each person who may come.

Signs of danger are only shown: they have no name in the page, so that no browser can send them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from soutien.doors.web.public.programme import Programme
from soutien.rules.orientation import TEENAGER_FROM_YEARS, Who, medicine_limits


@dataclass(frozen=True)
class Choice:
    """One answer: the word that is sent, and what is read."""

    code: str
    text: str


@dataclass(frozen=True)
class Question:
    """One screen. ``many`` when several answers may be true."""

    name: str
    title: str
    choices: tuple[Choice, ...]
    many: bool = False
    number: int = 0

    @property
    def before(self) -> int:
        return self.number - 1

    @property
    def after(self) -> int:
        return self.number + 1


@dataclass(frozen=True)
class Track:
    """All the screens of one kind of reader, signs of danger first."""

    letter: str
    who: str
    title: str
    danger_title: str
    dangers: tuple[Choice, ...]
    questions: tuple[Question, ...]

    @property
    def screens(self) -> int:
        return len(self.questions) + 1


def _choices(*pairs: tuple[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(code, text) for code, text in pairs)


def tracks(programme: Programme) -> list[Track]:
    """The four tracks, in the language of the reader, with the numbers of the day."""
    return [_adult(programme), _teenager(programme), _child(programme), _relative(programme)]


def numbered(*questions: Question) -> tuple[Question, ...]:
    """Screen 1 is the one on danger."""
    return tuple(replace(one, number=number) for number, one in enumerate(questions, start=2))


def _since() -> Question:
    return Question(
        "since",
        _("Depuis quand ?"),
        _choices(
            ("days", _("Quelques jours")),
            ("weeks", _("Quelques semaines")),
            ("months", _("Plusieurs mois, ou plus")),
        ),
    )


def _adult(programme: Programme) -> Track:
    return Track(
        "a",
        Who.ADULT.name.lower(),
        _("Pour moi, je suis adulte"),
        _("Est-ce que l’une de ces phrases est vraie pour vous, ces jours-ci ?"),
        _choices(
            ("dying", _("Je pense à mourir, ou je me dis que ce serait mieux sans moi.")),
            ("hurt", _("Je me suis fait du mal, ou j’ai pris trop de médicaments.")),
            ("tonight", _("J’ai peur de ne pas tenir cette nuit.")),
            ("others", _("J’ai peur de faire du mal à quelqu’un.")),
            ("unreal", _("J’entends ou je vois des choses que les autres ne perçoivent pas.")),
            ("racing", _("Je ne dors presque plus, mes pensées s’emballent ou me font peur.")),
            ("baby", _("Autour d’une naissance, je perds pied ou j’ai peur pour mon bébé.")),
            ("violence", _("Quelqu’un me frappe, me menace ou me force.")),
            ("body", _("Je ne mange ou ne bois presque plus, ou mon corps lâche.")),
        ),
        numbered(
            Question(
                "signs",
                _("Qu’est-ce qui pèse en ce moment ?"),
                _choices(
                    ("sadness", _("Je suis triste, vide ou sans envie.")),
                    ("worry", _("Je m’inquiète trop, j’ai des angoisses.")),
                    ("sleep", _("Je dors mal, je n’ai plus de force.")),
                    ("food", _("Manger est devenu compliqué.")),
                    (
                        "alcohol_or_drugs",
                        _("Je bois, je fume ou je consomme plus que je voudrais."),
                    ),
                    ("hard_event", _("Un deuil, une séparation ou un choc.")),
                    ("anger", _("Je m’énerve ou je pleure pour un rien.")),
                    ("alone", _("Je m’éloigne des autres.")),
                ),
                many=True,
            ),
            _since(),
            Question(
                "hold",
                _("Est-ce que cela vous empêche de vivre vos journées ?"),
                _choices(
                    ("little", _("Un peu : je fais presque tout.")),
                    ("much", _("Beaucoup : je me force, ou je renonce.")),
                    ("almost_all", _("Presque tout : se lever, se laver ou sortir est trop dur.")),
                ),
            ),
            Question(
                "also",
                _("Est-ce que l’une de ces choses est vraie aussi ?"),
                _choices(
                    *_psychiatry_of_self(programme),
                    ("psychiatric_long_illness", _long_illness(programme)),
                    ("long_sick_leave", _long_leave(programme)),
                    *_medicines(),
                    ("cannot_stop", _("J’ai essayé d’arrêter un produit, et je n’y arrive pas.")),
                    ("weight_changes_fast", _("Mon poids change vite, semaine après semaine.")),
                    ("shut_away", _("Je ne sors plus et ne vois plus personne.")),
                    ("birth", _("J’attends un enfant, ou il est né cette année.")),
                    ("student", _("Je fais des études après le bac.")),
                ),
                many=True,
            ),
        ),
    )


def _psychiatry_of_self(programme: Programme) -> tuple[tuple[str, str], ...]:
    return (
        ("psychiatry_now", _("Je vois un psychiatre, ou une équipe de santé mentale (CMP).")),
        ("psychiatry_before", _ended(programme)),
    )


def _ended(programme: Programme) -> str:
    return ngettext(
        "Un suivi avec un psychiatre s’est arrêté il y a moins de %(n)s an.",
        "Un suivi avec un psychiatre s’est arrêté il y a moins de %(n)s ans.",
        programme.lookback_years,
    ) % {"n": programme.lookback_years}


def _long_illness(programme: Programme) -> str:
    return ngettext(
        "Pour le moral : une affection de longue durée (ALD) ou une pension d’invalidité, "
        "maintenant ou il y a moins de %(n)s an.",
        "Pour le moral : une affection de longue durée (ALD) ou une pension d’invalidité, "
        "maintenant ou il y a moins de %(n)s ans.",
        programme.lookback_years,
    ) % {"n": programme.lookback_years}


def _long_leave(programme: Programme) -> str:
    months = programme.terms.psychiatric_leave_months_max
    return ngettext(
        "Pour le moral : un arrêt de travail de plus de %(n)s mois, en cours ou récent.",
        "Pour le moral : un arrêt de travail de plus de %(n)s mois, en cours ou récent.",
        months,
    ) % {"n": months}


def _medicines() -> tuple[tuple[str, str], ...]:
    mood, calm = medicine_limits()
    return (
        ("recent_medicine", _("Un médicament pour le moral ou le sommeil, commencé il y a peu.")),
        (
            "long_medicine",
            _(
                "Un médicament pris depuis longtemps : plus de %(mood)s mois pour le moral, "
                "plus de %(calm)s mois pour l’angoisse ou le sommeil."
            )
            % {"mood": mood, "calm": calm},
        ),
    )


def _teenager(programme: Programme) -> Track:
    return Track(
        "b",
        Who.TEENAGER.name.lower(),
        _("Pour moi, je suis ado"),
        _("Est-ce que l’une de ces phrases est vraie pour vous, ces jours-ci ?"),
        _choices(
            ("dying", _("Je pense à mourir, ou je me dis que ce serait mieux sans moi.")),
            ("hurt", _("Je me suis fait du mal, ou j’ai avalé quelque chose de dangereux.")),
            ("tonight", _("J’ai peur de ne pas tenir cette nuit.")),
            ("others", _("J’ai peur de faire du mal à quelqu’un.")),
            ("unreal", _("J’entends ou je vois des choses que les autres ne perçoivent pas.")),
            ("racing", _("Je ne dors presque plus, mes pensées s’emballent ou me font peur.")),
            ("violence", _("Quelqu’un me frappe, me touche, me menace ou me harcèle.")),
            ("runaway", _("J’ai quitté la maison, ou j’ai peur d’y rentrer.")),
            ("body", _("Je ne mange ou ne bois presque plus, ou mon corps lâche.")),
        ),
        numbered(
            Question(
                "signs",
                _("Qu’est-ce qui pèse en ce moment ?"),
                _choices(
                    ("sadness", _("Je suis triste, vide ou sans envie.")),
                    ("worry", _("Je m’inquiète trop, j’ai des angoisses.")),
                    ("sleep", _("Je dors mal, je n’ai plus de force.")),
                    ("food", _("Manger est devenu compliqué.")),
                    ("school", _("Aller en cours est devenu trop dur.")),
                    (
                        "alcohol_or_drugs",
                        _("Je bois, je fume ou je consomme plus que je voudrais."),
                    ),
                    ("hard_event", _("Un deuil, une séparation ou un choc.")),
                    ("anger", _("Je m’énerve ou je pleure pour un rien.")),
                    ("alone", _("Je m’éloigne des autres.")),
                ),
                many=True,
            ),
            _since(),
            Question(
                "hold",
                _("Est-ce que cela vous empêche de vivre vos journées ?"),
                _choices(
                    ("little", _("Un peu : je fais presque tout.")),
                    ("much", _("Beaucoup : je me force, ou je renonce.")),
                    ("almost_all", _("Presque tout : se lever, se laver ou sortir est trop dur.")),
                ),
            ),
            Question(
                "also",
                _("Est-ce que l’une de ces choses est vraie aussi ?"),
                _choices(
                    *_psychiatry_of_self(programme),
                    *_medicines(),
                    (
                        "development",
                        _(
                            "Un autisme, un trouble de l’attention ou d’apprentissage, "
                            "connu ou recherché."
                        ),
                    ),
                    ("cannot_stop", _("J’ai essayé d’arrêter un produit, et je n’y arrive pas.")),
                    ("weight_changes_fast", _("Mon poids change vite, semaine après semaine.")),
                    ("shut_away", _("Je ne sors plus et ne vois plus personne.")),
                    (
                        "school_or_justice",
                        _("L’école m’exclut souvent, ou un juge s’occupe de moi."),
                    ),
                ),
                many=True,
            ),
        ),
    )


def _child(programme: Programme) -> Track:
    least, teens, adult = programme.age_years, TEENAGER_FROM_YEARS, programme.majority_years
    return Track(
        "c",
        Who.CHILD.name.lower(),
        _("Pour mon enfant, mon ado"),
        _("Est-ce que l’une de ces phrases est vraie pour votre enfant, ces jours-ci ?"),
        _choices(
            ("dying", _("Mon enfant parle de mourir, ou dit que ce serait mieux sans lui.")),
            ("hurt", _("Mon enfant s’est fait du mal, ou a avalé quelque chose de dangereux.")),
            ("others", _("Mon enfant se met en danger, ou met les autres en danger.")),
            (
                "unreal",
                _("Mon enfant entend ou voit des choses que les autres ne perçoivent pas."),
            ),
            ("violence", _("Quelqu’un frappe, touche, menace ou harcèle mon enfant.")),
            ("runaway", _("Mon enfant est parti, ou je ne sais pas où il est.")),
            ("body", _("Mon enfant ne mange ou ne boit presque plus, ou son corps lâche.")),
            ("parent", _("J’ai peur de lui faire du mal, ou je ne tiens plus.")),
        ),
        numbered(
            Question(
                "age",
                _("Quel âge a votre enfant ?"),
                _choices(
                    (str(least - 1), _("Moins de %(n)s ans") % {"n": least}),
                    (
                        str(least),
                        _("De %(least)s à %(most)s ans") % {"least": least, "most": teens - 1},
                    ),
                    (
                        str(teens),
                        _("De %(least)s à %(most)s ans") % {"least": teens, "most": adult - 1},
                    ),
                ),
            ),
            Question(
                "signs",
                _("Qu’est-ce que vous voyez ?"),
                _choices(
                    ("sadness", _("Il est triste, il ne joue plus, plus rien ne l’amuse.")),
                    ("worry", _("Il a peur de tout, il ne vous lâche plus.")),
                    ("sleep", _("Il dort mal, il fait des cauchemars.")),
                    ("body", _("Il a mal au ventre ou à la tête, sans cause trouvée.")),
                    ("food", _("Manger est devenu compliqué.")),
                    ("school", _("L’école se passe mal, ou il ne veut plus y aller.")),
                    ("anger", _("Il se met en colère, il a beaucoup changé.")),
                    ("alone", _("Il reste seul, il ne voit plus ses amis.")),
                    ("alcohol_or_drugs", _("Il boit, fume ou consomme.")),
                    ("hard_event", _("Un deuil, une séparation ou un choc.")),
                ),
                many=True,
            ),
            _since(),
            Question(
                "hold",
                _("Est-ce que cela l’empêche de vivre ses journées ?"),
                _choices(
                    ("little", _("Un peu : il fait presque tout.")),
                    ("much", _("Beaucoup : la maison, l’école ou les amis en souffrent.")),
                    ("almost_all", _("Presque tout : il ne se lève, ne se lave ou ne sort plus.")),
                ),
            ),
            Question(
                "also",
                _("Est-ce que l’une de ces choses est vraie aussi ?"),
                _choices(
                    (
                        "psychiatry_now",
                        _("Il voit un psychiatre, ou une équipe de santé mentale (CMP)."),
                    ),
                    ("psychiatry_before", _ended(programme)),
                    ("psychiatric_long_illness", _long_illness(programme)),
                    (
                        "development",
                        _(
                            "Un autisme, un trouble de l’attention ou d’apprentissage, "
                            "connu ou recherché."
                        ),
                    ),
                    *_medicines(),
                    ("cannot_stop", _("Il a essayé d’arrêter un produit, et n’y arrive pas.")),
                    ("weight_changes_fast", _("Son poids change vite, semaine après semaine.")),
                    ("shut_away", _("Il ne sort plus de sa chambre.")),
                    (
                        "school_or_justice",
                        _("L’école l’exclut souvent, ou un juge s’occupe de lui."),
                    ),
                ),
                many=True,
            ),
        ),
    )


def _relative(programme: Programme) -> Track:
    return Track(
        "d",
        Who.RELATIVE.name.lower(),
        _("Pour un adulte que j’aime"),
        _("Est-ce que l’une de ces phrases est vraie pour cette personne, ces jours-ci ?"),
        _choices(
            ("dying", _("Elle parle de mourir, ou dit que ce serait mieux sans elle.")),
            ("hurt", _("Elle s’est fait du mal, ou a pris trop de médicaments.")),
            ("farewell", _("Elle dit adieu, donne ses affaires, ou ne répond plus.")),
            ("others", _("J’ai peur qu’elle fasse du mal à quelqu’un.")),
            ("unreal", _("Elle entend ou voit des choses que les autres ne perçoivent pas.")),
            ("racing", _("Elle ne dort presque plus, et ne se ressemble plus du tout.")),
            ("baby", _("Autour d’une naissance, elle perd pied.")),
            ("violence", _("Quelqu’un la frappe, la menace ou la force.")),
            ("body", _("Elle ne mange ou ne boit presque plus, ou son corps lâche.")),
        ),
        numbered(
            Question(
                "signs",
                _("Qu’est-ce que vous voyez ?"),
                _choices(
                    ("sadness", _("Elle est triste, vide ou sans envie.")),
                    ("worry", _("Elle s’inquiète trop, elle a des angoisses.")),
                    ("sleep", _("Elle dort mal, elle est épuisée.")),
                    ("food", _("Manger est devenu compliqué.")),
                    ("alcohol_or_drugs", _("Elle boit, fume ou consomme trop.")),
                    ("hard_event", _("Un deuil, une séparation ou un choc.")),
                    ("anger", _("Elle s’énerve ou pleure pour un rien.")),
                    ("alone", _("Elle s’éloigne des autres.")),
                ),
                many=True,
            ),
            _since(),
            Question(
                "hold",
                _("Est-ce que cela l’empêche de vivre ses journées ?"),
                _choices(
                    ("little", _("Un peu : elle fait presque tout.")),
                    ("much", _("Beaucoup : elle se force, ou renonce.")),
                    (
                        "almost_all",
                        _("Presque tout : elle ne se lève, ne se lave ou ne sort plus."),
                    ),
                ),
            ),
            Question(
                "also",
                _("Est-ce que l’une de ces choses est vraie aussi ?"),
                _choices(
                    (
                        "psychiatry_now",
                        _("Elle voit un psychiatre, ou une équipe de santé mentale (CMP)."),
                    ),
                    ("psychiatry_before", _ended(programme)),
                    ("psychiatric_long_illness", _long_illness(programme)),
                    ("long_sick_leave", _long_leave(programme)),
                    *_medicines(),
                    ("cannot_stop", _("Elle a essayé d’arrêter un produit, et n’y arrive pas.")),
                    ("weight_changes_fast", _("Son poids change vite, semaine après semaine.")),
                    ("shut_away", _("Elle ne sort plus et ne voit plus personne.")),
                    ("birth", _("Elle attend un enfant, ou il est né cette année.")),
                    ("student", _("Elle fait des études après le bac.")),
                ),
                many=True,
            ),
        ),
    )
