"""What made-up people hope for, and what is written down with them, in French."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Story(NamedTuple):
    """One care in its words; ``conclusion`` half-way and at the end, ``notes`` in their order."""

    goals: str
    change: str
    symptoms: str
    evolution: str
    technique: str
    conclusion: Mapping[str, str]
    notes: tuple[str, ...]
    # The ages it could be told at: half-open.
    ages: tuple[int, int] = (0, 200)


CAMILLE_BEFORE = Story(
    goals="Retrouver le sommeil. Comprendre pourquoi le dimanche soir est si lourd.",
    change="better",
    symptoms="Sommeil léger, inquiétudes du soir.",
    evolution="Un début d’apaisement en trois rencontres, interrompu par le déménagement.",
    technique="Entretiens, agenda du sommeil.",
    conclusion={"end": "À reprendre avec quelqu’un près de chez elle."},
    notes=(),
)
CAMILLE_NOW = Story(
    goals=(
        "Dormir d’une traite.\nNe plus ruminer le dimanche soir.\n"
        "Oser dire non au travail, sans m’en vouloir."
    ),
    change="better",
    symptoms="Inquiétudes le soir, réveils la nuit.",
    evolution="Les nuits s’allongent. Le dimanche reste difficile.",
    technique="Thérapie cognitive et comportementale, agenda du sommeil.",
    conclusion={
        "mid_course": "On continue à ce rythme.",
        "end": "Les nuits sont revenues. Elle sait à qui parler si cela recommence.",
    },
    notes=(
        "Première rencontre. A beaucoup attendu avant d’appeler.\n"
        "Nouveau poste depuis avril, déménagement en juin. Dort cinq heures.\n"
        "Agenda du sommeil jusqu’à la prochaine fois.",
        "Agenda rempli. Réveils vers 4 h, toujours avant le lundi.\n"
        "Parle de sa cheffe pour la première fois.",
        "A refusé une réunion à 19 h. En est fière, et inquiète.\nTravail sur ce qui suit un non.",
        "Six heures et demie de sommeil. Le dimanche soir reste long.\n"
        "Faire le point la prochaine fois.",
    ),
)
STORIES = (
    Story(
        goals="Ne plus avoir peur d’aller à l’école.",
        change="better",
        symptoms="Maux de ventre le matin, pleurs au portail.",
        evolution="Entre seul trois matins par semaine.",
        technique="Jeu, dessin, un temps avec un parent.",
        conclusion={
            "mid_course": "En parler avec l’enseignante, avec l’accord des parents.",
            "end": "Les matins sont calmes.",
        },
        notes=(
            "Ne quitte pas son manteau. Dessine un portail très haut.",
            "A nommé deux camarades.",
            "Trois matins sans larmes. Fier de le dire.",
            "Parle de la sortie de fin d’année.",
        ),
        ages=(0, 13),
    ),
    Story(
        goals="Reprendre le bus sans avoir peur.",
        change="better",
        symptoms="Évite les transports depuis l’hiver, cœur qui bat vite.",
        evolution="Trois trajets seul, avec un ami au bout du fil, puis sans.",
        technique="Exposition par petits pas.",
        conclusion={
            "mid_course": "Prochaine marche : le métro, hors des heures pleines.",
            "end": "Les trajets sont redevenus ordinaires.",
        },
        notes=(
            "Liste des lieux évités, du plus facile au plus difficile.",
            "Un arrêt de bus avec moi au téléphone. Tenu.",
            "Deux trajets seul. Moins d’anticipation.",
            "Parle de reprendre la natation.",
        ),
        ages=(13, 70),
    ),
    Story(
        goals="Retrouver de l’énergie, et l’envie de voir mes amis.",
        change="same",
        symptoms="Fatigue, peu d’élan, s’isole le soir.",
        evolution="Sort marcher deux fois par semaine. L’envie vient après coup.",
        technique="Activation, journal des moments de la journée.",
        conclusion={
            "mid_course": "Garder les marches, ajouter un appel le mercredi.",
            "end": "Le rythme tient. Les amis sont revenus dans la semaine.",
        },
        notes=(
            "Parle bas, cherche ses mots. Rien qui presse ; revu la question du danger : non.",
            "A tenu le journal quatre jours sur sept. Le matin est le plus dur.",
            "Une marche avec sa sœur. A ri en le racontant.",
            "À surveiller : sommeil qui s’allonge.",
        ),
        ages=(14, 200),
    ),
    Story(
        goals="Que la maison soit plus calme après la séparation.",
        change="better",
        symptoms="Disputes, larmes, sommeil agité depuis la séparation.",
        evolution="Les passages d’une maison à l’autre se disent la veille.",
        technique="Entretiens, dessins, un temps avec chaque parent.",
        conclusion={
            "mid_course": "Continuer, une rencontre avec les deux parents à prévoir.",
            "end": "Les nuits sont bonnes, l’école va mieux.",
        },
        notes=(
            "Deux maisons dessinées, très loin l’une de l’autre.",
            "Les maisons se rapprochent sur la feuille. Parle du chat.",
            "Colère contre l’horaire du dimanche. L’a dit à son père.",
            "Plus calme. Voudrait venir moins souvent.",
        ),
        ages=(5, 14),
    ),
    Story(
        goals="Passer mes examens sans me rendre malade.",
        change="better",
        symptoms="Maux de ventre avant les épreuves, révisions la nuit.",
        evolution="Un plan de révision tenu, le ventre moins serré.",
        technique="Respiration, plan de travail, pensées mises par écrit.",
        conclusion={
            "mid_course": "Essayer une épreuve blanche dans les vraies conditions.",
            "end": "Les examens sont passés. Les outils sont là pour les suivants.",
        },
        notes=(
            "Exigence très haute, de longue date. Peu de pauses.",
            "A fermé ses cahiers à 22 h trois soirs.",
            "Épreuve blanche : panique dix minutes, puis a écrit.",
            "A dormi avant l’oral.",
        ),
        ages=(14, 26),
    ),
    Story(
        goals="Vivre avec l’absence de ma mère sans avoir peur d’oublier.",
        change="same",
        symptoms="Deuil récent, pleurs, culpabilité.",
        evolution="Les larmes viennent encore, moins de reproches.",
        technique="Entretiens de soutien.",
        conclusion={
            "mid_course": "Rien ne presse. Revoir après la date anniversaire.",
            "end": "La peine a trouvé sa place.",
        },
        notes=(
            "Apporte une photo, ne la montre pas.",
            "Montre la photo. Parle de l’hôpital.",
            "A rangé une armoire avec son frère.",
            "La date anniversaire approche. Prévoir de se voir juste après.",
        ),
        ages=(30, 80),
    ),
    Story(
        goals="Boire moins le soir, et mieux dormir.",
        change="better",
        symptoms="Deux à trois verres chaque soir depuis un an, sommeil haché.",
        evolution="Quatre soirs par semaine sans alcool.",
        technique="Entretien motivationnel, carnet.",
        conclusion={
            "mid_course": "Tenir les quatre soirs, sans se punir des autres.",
            "end": "Un verre le week-end, par choix.",
        },
        notes=(
            "Carnet : le verre de 19 h est celui du retour du travail.",
            "Remplacé par une marche deux soirs. Surpris que cela tienne.",
            "Un écart samedi. L’a dit sans honte.",
            "En a parlé à son médecin.",
        ),
        ages=(25, 75),
    ),
)
