"""What the journal says, in words: who, and what they did. Never a code."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from soutien.steps.watch import Access, Who, Whose

_DAY = gettext_lazy("Lecture de l’agenda du jour, où vous avez rendez-vous")
# event: what was done, as the person would say it.
WHAT = {
    "accounts.account.added": gettext_lazy("Ajout d’un compte à votre nom"),
    "accounts.account.closed": gettext_lazy("Fermeture de votre compte"),
    "accounts.account.listed": gettext_lazy("Lecture de la liste des comptes"),
    "accounts.account.opened": gettext_lazy("Ouverture de votre compte"),
    "accounts.account.reopened": gettext_lazy("Réouverture de votre compte"),
    "accounts.account.role_changed": gettext_lazy("Changement de ce que votre compte ouvre"),
    "accounts.code.used": gettext_lazy("Connexion par un code de secours"),
    "accounts.email.changed": gettext_lazy("Changement de votre adresse électronique"),
    "accounts.factor.added": gettext_lazy("Ajout d’une protection à votre compte"),
    "accounts.factor.prepared": gettext_lazy("Préparation d’une protection de votre compte"),
    "accounts.factor.refused": gettext_lazy("Code ou clé qui ne convient pas"),
    "accounts.factor.removed": gettext_lazy("Retrait d’une protection de votre compte"),
    "accounts.factor.renamed": gettext_lazy("Autre nom pour une protection de votre compte"),
    "accounts.factor.used": gettext_lazy("Connexion confirmée par un code ou une clé"),
    "accounts.link.asked": gettext_lazy("Demande d’un lien de connexion"),
    "accounts.link.followed": gettext_lazy("Ouverture d’un lien de connexion"),
    "accounts.password.changed": gettext_lazy("Changement de votre mot de passe"),
    "accounts.recovery.begun": gettext_lazy("Début d’une récupération de votre compte"),
    "accounts.recovery.done": gettext_lazy("Récupération de votre compte"),
    "accounts.recovery.stopped": gettext_lazy("Arrêt d’une récupération de votre compte"),
    "accounts.recovery.vouched": gettext_lazy("Vérification d’une pièce pour votre compte"),
    "accounts.session.begun": gettext_lazy("Connexion à votre compte"),
    "accounts.session.ended": gettext_lazy("Fin d’une connexion"),
    "accounts.session.forgotten": gettext_lazy("Effacement d’anciennes connexions"),
    "accounts.session.refused": gettext_lazy("Essai de connexion"),
    "accounts.session.renewed": gettext_lazy("Suite d’une connexion"),
    "agenda.booking.cancelled": gettext_lazy("Annulation d’un rendez-vous"),
    "agenda.booking.confirmed": gettext_lazy("Réservation d’un rendez-vous"),
    "agenda.booking.held": gettext_lazy("Choix d’une heure"),
    "agenda.booking.moved": gettext_lazy("Déplacement d’un rendez-vous"),
    "agenda.booking.opened": gettext_lazy("Lecture d’un rendez-vous"),
    "agenda.booking.overbooked": gettext_lazy("Ajout d’un rendez-vous"),
    "agenda.day.opened": _DAY,
    "agenda.plan.booked": gettext_lazy("Réservation de plusieurs rendez-vous"),
    "agenda.plan.proposed": gettext_lazy("Recherche de dates pour vos séances"),
    "agenda.reminder.planned": gettext_lazy("Préparation d’un rappel de rendez-vous"),
    "api_keys.key.made": gettext_lazy("Création d’une clé pour un programme"),
    "api_keys.key.revoked": gettext_lazy("Retrait d’une clé pour un programme"),
    "audit.accesses.opened": gettext_lazy("Lecture de cette page"),
    "calendars.feed.closed": gettext_lazy("Fermeture de votre adresse de calendrier"),
    "calendars.feed.opened": gettext_lazy("Ouverture de votre adresse de calendrier"),
    "calendars.feed.read": gettext_lazy("Lecture de vos rendez-vous par un autre calendrier"),
    "care.episode.ended": gettext_lazy("Fin d’un accompagnement"),
    "care.episode.opened": gettext_lazy("Lecture de votre parcours"),
    "care.episode.planned": gettext_lazy("Ce qui a été convenu pour votre accompagnement"),
    "care.goals.said": gettext_lazy("Ce que vous souhaitez, écrit ou changé"),
    "care.review.written": gettext_lazy("Un point sur votre accompagnement"),
    "care.hand_over.agreed": gettext_lazy("Accord pour passer le relais"),
    "care.hand_over.opened": gettext_lazy("Lecture de ce qui peut être transmis"),
    "care.hand_over.withdrawn": gettext_lazy("Relais repris"),
    "care.line.opened": gettext_lazy("Lecture d’un rendez-vous et de vos droits"),
    "care.note.exported": gettext_lazy("Copie de ses notes par votre psychologue"),
    "care.note.listed": gettext_lazy("Lecture de ses notes par votre psychologue"),
    "care.note.opened": gettext_lazy("Lecture d’une note par votre psychologue"),
    "care.note.removed": gettext_lazy("Retrait d’une note par votre psychologue"),
    "care.note.written": gettext_lazy("Écriture d’une note par votre psychologue"),
    "care.patients.listed": gettext_lazy("Lecture de sa liste de patients"),
    "care.session.closed": gettext_lazy("Fin d’une séance"),
    "care.session.corrected": gettext_lazy("Correction d’une séance"),
    "care.session.held": gettext_lazy("Séance notée comme faite"),
    "care.session.missed": gettext_lazy("Séance notée comme manquée"),
    "care.year.opened": gettext_lazy("Lecture de votre année"),
    "claims.claim.opened": gettext_lazy("Lecture d’une demande de remboursement"),
    "claims.claim.reviewed": gettext_lazy("Relecture d’une demande de remboursement"),
    "claims.claim.sent": gettext_lazy("Envoi d’une feuille de soins"),
    "claims.list.opened": gettext_lazy("Lecture d’une liste de demandes de remboursement"),
    "claims.sheet.opened": gettext_lazy("Lecture d’une feuille de soins"),
    "consents.consent.given": gettext_lazy("Un oui à un usage de vos données"),
    "consents.consent.said": gettext_lazy("Réponse sur un usage de vos données"),
    "consents.consent.withdrawn": gettext_lazy("Un non à un usage de vos données"),
    "consents.list.opened": gettext_lazy("Lecture de vos accords"),
    "corrections.request.answered": gettext_lazy("Réponse à une demande de correction"),
    "corrections.request.asked": gettext_lazy("Demande de correction de votre identité"),
    "corrections.request.listed": gettext_lazy("Lecture des demandes de correction"),
    "corrections.request.opened": gettext_lazy("Lecture d’une demande de correction"),
    "corrections.request.withdrawn": gettext_lazy("Retrait d’une demande de correction"),
    "documents.document.added": gettext_lazy("Ajout d’un document"),
    "documents.document.opened": gettext_lazy("Lecture d’un de vos documents"),
    "documents.document.removed": gettext_lazy("Retrait d’un document"),
    "documents.list.opened": gettext_lazy("Lecture de vos documents"),
    "measures.curve.opened": gettext_lazy("Lecture de vos questionnaires"),
    "measures.list.opened": gettext_lazy("Lecture de ses questionnaires à lire"),
    "measures.outcome.entered": gettext_lazy("Saisie d’un questionnaire rempli sur papier"),
    "measures.outcome.filled": gettext_lazy("Réponses à un questionnaire"),
    "measures.outcome.opened": gettext_lazy("Lecture d’un questionnaire rempli"),
    "measures.outcome.reviewed": gettext_lazy("Questionnaire noté comme lu"),
    "measures.questionnaire.asked": gettext_lazy("Questionnaire proposé avant un rendez-vous"),
    "measures.questionnaire.opened": gettext_lazy("Lecture des questions avant un rendez-vous"),
    "people.contact.changed": gettext_lazy("Changement de vos coordonnées"),
    "people.identity.corrected": gettext_lazy("Correction de votre identité"),
    "people.person.left": gettext_lazy("Demande d’effacement"),
    "people.data.downloaded": gettext_lazy("Copie de toutes vos données"),
    "people.data.expired": gettext_lazy("Effacement de ce qui a été gardé assez longtemps"),
    "people.person.forgotten": gettext_lazy("Effacement de ce qui dit qui vous êtes"),
    "people.data.opened": gettext_lazy("Lecture de ce que nous gardons de vous"),
    "people.guardianship.ended": gettext_lazy("Fin d’une représentation"),
    "people.guardianship.listed": gettext_lazy("Lecture des personnes représentées"),
    "people.guardianship.recorded": gettext_lazy("Enregistrement d’une représentation"),
    "people.guardianship.used": gettext_lazy("Début d’un acte en votre nom"),
    "people.person.opened": gettext_lazy("Lecture de votre nom et de vos droits"),
    "waiting.inbox.opened": gettext_lazy("Lecture des personnes qui attendent"),
    "waiting.offer.answered": gettext_lazy("Réponse à une heure proposée"),
    "waiting.offer.declined": gettext_lazy("Heure proposée, laissée à d’autres"),
    "waiting.offer.ignored": gettext_lazy("Heure proposée, restée sans réponse"),
    "waiting.offer.made": gettext_lazy("Proposition d’une heure"),
    "waiting.offer.opened": gettext_lazy("Lecture d’une heure proposée"),
    "waiting.offer.taken": gettext_lazy("Heure proposée, acceptée"),
    "waiting.offer.withdrawn": gettext_lazy("Heure proposée, retirée"),
    "waiting.wait.answered": gettext_lazy("Réponse à votre attente"),
    "waiting.wait.asked": gettext_lazy("Question sur votre attente"),
    "waiting.wait.booked": gettext_lazy("Rendez-vous pris au téléphone"),
    "waiting.wait.forgotten": gettext_lazy("Effacement de votre attente"),
    "waiting.wait.joined": gettext_lazy("Entrée dans la liste d’attente"),
    "waiting.wait.kept": gettext_lazy("Maintien dans la liste d’attente"),
    "waiting.wait.left": gettext_lazy("Sortie de la liste d’attente"),
    "waiting.wait.opened": gettext_lazy("Lecture de votre place dans la liste d’attente"),
    "waiting.wait.refused": gettext_lazy("Réponse du psychologue : pas de place"),
    "waiting.wait.unanswered": gettext_lazy("Fin d’une attente sans réponse"),
    "writings.letter.opened": gettext_lazy("Lecture d’un courrier ou d’une attestation"),
    "writings.list.opened": gettext_lazy("Lecture de la liste des écrits"),
    "writings.writing.opened": gettext_lazy("Lecture d’un écrit de votre dossier"),
    "writings.writing.answered": gettext_lazy("Suite donnée à un courrier"),
    "writings.writing.begun": gettext_lazy("Début d’un écrit par votre psychologue"),
    "writings.writing.changed": gettext_lazy("Correction d’un écrit par votre psychologue"),
    "writings.writing.handed_over": gettext_lazy("Remise d’un écrit à un médecin"),
    "writings.letter.prepared": gettext_lazy("Préparation d’un écrit par votre psychologue"),
    "writings.writing.signed": gettext_lazy("Signature d’un écrit par votre psychologue"),
    "writings.writing.received": gettext_lazy("Arrivée du courrier de votre médecin"),
}
# What no phrase above tells, by the register it belongs to.
ABOUT = {
    "accounts": gettext_lazy("Votre compte"),
    "agenda": gettext_lazy("Vos rendez-vous"),
    "audit": gettext_lazy("Le journal de vos données"),
    "calendars": gettext_lazy("Votre calendrier"),
    "care": gettext_lazy("Vos séances"),
    "claims": gettext_lazy("Vos remboursements"),
    "corrections": gettext_lazy("Votre identité"),
    "documents": gettext_lazy("Vos documents"),
    "measures": gettext_lazy("Vos questionnaires"),
    "people": gettext_lazy("Ce que nous savons de vous"),
    "waiting": gettext_lazy("Votre attente"),
    "writings": gettext_lazy("Vos écrits"),
}
ANYTHING = gettext_lazy("Vos données")
_WHO = {
    Who.YOU: gettext_lazy("Vous"),
    Who.ANOTHER_PERSON: gettext_lazy("Une autre personne"),
    Who.LINK: gettext_lazy("Quelqu’un qui a le lien, sans compte"),
    Who.GUARDIAN: gettext_lazy("Votre représentant"),
    Who.PSYCHOLOGIST: gettext_lazy("Un psychologue"),
    Who.REPLACEMENT: gettext_lazy("Le remplaçant de votre psychologue"),
    Who.DOCTOR: gettext_lazy("Votre médecin"),
    Who.FUND: gettext_lazy("Un agent de votre caisse"),
    Who.INSURER: gettext_lazy("Un agent de votre mutuelle"),
    Who.TOWN: gettext_lazy("Un agent d’une mairie"),
    Who.ANALYST: gettext_lazy("Une personne qui fait les statistiques"),
    Who.ADMINISTRATOR: gettext_lazy("Une personne qui administre le site"),
    Who.SYSTEM: gettext_lazy("Soutien, sans personne"),
}
# Somebody who was refused is not yours.
_STRANGER = {
    Who.FUND: gettext_lazy("Un agent d’une caisse"),
    Who.INSURER: gettext_lazy("Un agent d’une mutuelle"),
    Who.DOCTOR: gettext_lazy("Un médecin"),
    Who.REPLACEMENT: gettext_lazy("Un remplaçant"),
    Who.GUARDIAN: gettext_lazy("Un représentant"),
}
FILTERS = {
    Whose.OTHERS: gettext_lazy("Les autres"),
    Whose.OWN: gettext_lazy("Vous"),
    Whose.SYSTEM: gettext_lazy("Automatique"),
    Whose.REFUSED: gettext_lazy("Refusé"),
    Whose.ALL: gettext_lazy("Tout"),
}


def who_in_words(access: Access) -> str:
    """« Votre psychologue, Ada Modèle », « Un agent de votre caisse »."""
    if access.name and access.who is Who.PSYCHOLOGIST:
        if access.refused:
            return _("Un psychologue, %(name)s") % {"name": access.name}
        return _("Votre psychologue, %(name)s") % {"name": access.name}
    if access.name and access.who is Who.REPLACEMENT:
        return _("Le remplaçant de %(name)s") % {"name": access.name}
    if access.refused and access.who in _STRANGER:
        return str(_STRANGER[access.who])
    return str(_WHO[access.who])


def what_in_words(event: str) -> str:
    """« Lecture de votre année »."""
    return str(WHAT.get(event) or ABOUT.get(event.split(".")[0]) or ANYTHING)
