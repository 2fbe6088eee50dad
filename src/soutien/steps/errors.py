"""Why a step was not taken: one table of codes, with what to say and what to do.

A refusal is told with a code (never reused), a reference to quote to somebody who helps, a
sentence and a remedy in both languages. Numbers and days come from the context, which comes from
the terms of the law or from the rows: none is written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from soutien.rules.calendar import day_number
from soutien.rules.explain import explain, in_words

NOT_ALLOWED, NOT_FOUND, CONFLICT, UNCLEAR, TOO_MANY = 403, 404, 409, 422, 429
# Told to programs only.
BAD_REQUEST, NOT_KNOWN, NO_METHOD, FAILED = 400, 401, 405, 500


class Told(NamedTuple):
    """How one refusal is told."""

    reference: str
    http_status: int
    fr: str
    en: str
    remedy_fr: str
    remedy_en: str


_OTHER_TIME = (
    "Choisissez une autre heure : rien n'a été enregistré à votre nom.",
    "Choose another time: nothing was recorded in your name.",
)
_NEXT_DAY = (
    "Prenez l'autre heure proposée, ou choisissez-en une vous-même.",
    "Take the other time proposed, or choose one yourself.",
)
_SIGN_IN = (
    "Ouvrez le lien reçu par courriel, ou connectez-vous avec le bon compte.",
    "Open the link you received by e-mail, or sign in with the right account.",
)
TABLE: Mapping[str, Told] = {
    # Who and what
    "not_allowed": Told(
        "ACC-1",
        NOT_ALLOWED,
        "Cette page n'est pas ouverte avec ce compte.",
        "This page is not open to this account.",
        *_SIGN_IN,
    ),
    "not_found": Told(
        "ACC-2",
        NOT_FOUND,
        "Nous ne trouvons pas ce que vous cherchez.",
        "We cannot find what you are looking for.",
        "Vérifiez l'adresse. Si elle vient d'un courriel, rouvrez-la depuis ce courriel.",
        "Check the address. If it comes from an e-mail, open it again from there.",
    ),
    # One's own data
    "text_changed": Told(
        "DON-1",
        CONFLICT,
        "Ce texte a changé depuis que vous l'avez lu.",
        "This text changed since you read it.",
        "Relisez-le, puis dites oui ou non.",
        "Read it again, then say yes or no.",
    ),
    "identity_certified": Told(
        "DON-2",
        CONFLICT,
        "Votre identité vient d'un service public qui en répond : elle ne se change pas ici.",
        "Your identity comes from a public service that answers for it: it is not changed here.",
        "Faites-la corriger là-bas : elle suivra à la connexion suivante.",
        "Have it corrected there: it follows at the next sign-in.",
    ),
    "identity_on_sheets": Told(
        "DON-3",
        CONFLICT,
        "Des feuilles de soins portent déjà cette identité.",
        "Care sheets carry this identity already.",
        "Demandez la correction à votre caisse, ou reliez une identité publique.",
        "Ask your fund to correct it, or link a public identity.",
    ),
    "birth_date_counts": Told(
        "DON-5",
        CONFLICT,
        "Quelqu'un agit pour vous : votre jour de naissance dit jusqu'à quand.",
        "Somebody acts for you: your day of birth says until when.",
        "Demandez la correction à votre caisse, depuis « Mes données ».",
        "Ask your fund to correct it, from “My data”.",
    ),
    "correction_same": Told(
        "DON-6",
        CONFLICT,
        "C'est déjà écrit ainsi.",
        "It is written like this already.",
        "Changez ce qui est faux, puis envoyez la demande.",
        "Change what is wrong, then send the request.",
    ),
    "correction_open": Told(
        "DON-7",
        CONFLICT,
        "Une autre demande attend déjà la réponse de votre caisse.",
        "Another request already waits for your fund's answer.",
        "Attendez sa réponse, ou retirez cette demande pour en faire une autre.",
        "Wait for its answer, or withdraw that request to make another.",
    ),
    "correction_no_fund": Told(
        "DON-8",
        CONFLICT,
        "Nous ne savons pas encore quelle caisse est la vôtre.",
        "We do not know yet which fund is yours.",
        "Votre psychologue la lit sur votre attestation à la première séance. Faites alors la "
        "demande.",
        "Your psychologist reads it on your certificate at the first session. Ask then.",
    ),
    "correction_reason": Told(
        "DON-9",
        UNCLEAR,
        "Il manque la raison du refus.",
        "The reason of the refusal is missing.",
        "Dites à la personne ce qui manque, ou ce qui ne correspond pas.",
        "Tell the person what is missing, or what does not match.",
    ),
    "correction_answered": Told(
        "DON-10",
        CONFLICT,
        "Cette demande a déjà reçu une autre réponse, ou la personne l'a retirée.",
        "This request was already answered otherwise, or the person withdrew it.",
        "Relisez-la : sa réponse y est.",
        "Read it again: its answer is there.",
    ),
    "bookings_ahead": Told(
        "DON-4",
        CONFLICT,
        "Vous avez encore un rendez-vous.",
        "You still have an appointment.",
        "Annulez-le d'abord : le psychologue doit le savoir.",
        "Cancel it first: the psychologist must know.",
    ),
    # Questionnaires
    "scale_unknown": Told(
        "QUE-1",
        UNCLEAR,
        "Il manque le questionnaire.",
        "The questionnaire is missing.",
        "Choisissez-en un dans la liste.",
        "Choose one of the list.",
    ),
    "scale_without_questions": Told(
        "QUE-2",
        UNCLEAR,
        "Les questions de ce questionnaire ne sont pas ici : leur licence ne le permet pas.",
        "The questions of this questionnaire are not here: their licence does not allow it.",
        "Faites-le remplir sur papier, puis saisissez les réponses.",
        "Have it filled in on paper, then enter the answers.",
    ),
    "scale_not_theirs": Told(
        "QUE-3",
        UNCLEAR,
        "Ce questionnaire n'est pas fait pour l'âge de cette personne.",
        "This questionnaire is not made for this person's age.",
        "Choisissez-en un autre dans la liste.",
        "Choose another of the list.",
    ),
    "questionnaire_over": Told(
        "QUE-4",
        CONFLICT,
        "Ces questions ne sont plus ouvertes. Vos réponses n'ont pas été gardées.",
        "These questions are no longer open. Your answers were not kept.",
        "Vous pouvez en parler pendant la séance.",
        "You can talk about it in the session.",
    ),
    "questionnaire_filled": Told(
        "QUE-5",
        CONFLICT,
        "Vous avez déjà répondu à ces questions. Les premières réponses restent.",
        "You answered these questions already. The first answers stay.",
        "Dites pendant la séance ce qui a changé.",
        "Say in the session what has changed.",
    ),
    "answers_unclear": Told(
        "QUE-6",
        UNCLEAR,
        "Une réponse n'est pas de celles qui sont proposées.",
        "An answer is none of those that are offered.",
        "Choisissez parmi les réponses, ou laissez la question vide.",
        "Choose among the answers, or leave the question blank.",
    ),
    "answers_none": Told(
        "QUE-7",
        UNCLEAR,
        "Il n'y a aucune réponse.",
        "There is no answer.",
        "Répondez à ce que vous voulez : le reste peut rester vide.",
        "Answer what you wish: the rest may stay blank.",
    ),
    "filled_ahead": Told(
        "QUE-8",
        UNCLEAR,
        "Ce jour n'est pas encore venu.",
        "This day has not come yet.",
        "Indiquez le jour où la feuille a été remplie.",
        "Give the day on which the sheet was filled in.",
    ),
    "review_unclear": Told(
        "QUE-9",
        UNCLEAR,
        "Il manque ce que vous avez fait.",
        "What you did is missing.",
        "Choisissez une des réponses proposées.",
        "Choose one of the answers offered.",
    ),
    # The care itself
    "planned_beyond_law": Told(
        "CAR-1",
        UNCLEAR,
        "La loi prévoit {most} séances par an au plus, évaluation comprise.",
        "The law gives at most {most} sessions a year, the evaluation among them.",
        "Prévoyez-en moins ; l'année suivante, le compte repart.",
        "Foresee fewer; the count starts again next year.",
    ),
    "choice_unclear": Told(
        "CAR-2",
        UNCLEAR,
        "Ce choix n'est pas dans la liste.",
        "This choice is not in the list.",
        "Choisissez une des réponses proposées.",
        "Choose one of the answers offered.",
    ),
    "review_empty": Told(
        "CAR-3",
        UNCLEAR,
        "Ce point ne dit encore rien.",
        "This review does not say anything yet.",
        "Écrivez au moins une phrase.",
        "Write one sentence at least.",
    ),
    "words_too_long": Told(
        "CAR-4",
        UNCLEAR,
        "Ce texte est trop long : {most} signes au plus.",
        "This text is too long: {most} characters at most.",
        "Gardez l'essentiel.",
        "Keep what matters most.",
    ),
    "care_over": Told(
        "CAR-5",
        CONFLICT,
        "Cet accompagnement est terminé : il ne change plus.",
        "This care is over: it no longer changes.",
        "Une nouvelle séance en ouvre un autre.",
        "A new session begins another.",
    ),
    "end_day_wrong": Told(
        "CAR-6",
        UNCLEAR,
        "La fin ne peut être ni avant la dernière séance, ni après aujourd'hui.",
        "The end is neither before the last session nor after today.",
        "Indiquez un jour entre les deux.",
        "Give a day between the two.",
    ),
    "note_empty": Told(
        "CAR-7",
        UNCLEAR,
        "Cette note est vide.",
        "This note is empty.",
        "Écrivez quelque chose, ou retirez-la.",
        "Write something, or remove it.",
    ),
    "note_ahead": Told(
        "CAR-8",
        UNCLEAR,
        "Ce jour n'est pas encore venu.",
        "This day has not come yet.",
        "Indiquez le jour dont parle la note.",
        "Give the day that the note is about.",
    ),
    "note_changed": Told(
        "CAR-9",
        CONFLICT,
        "Cette note a changé dans une autre fenêtre. Votre texte est encore ici, pas enregistré.",
        "This note changed in another window. Your text is still here, not saved.",
        "Copiez-le, ouvrez la note à nouveau, et ajoutez ce qui manque.",
        "Copy it, open the note again, and add what is missing.",
    ),
    "not_closed_yet": Told(
        "CAR-10",
        CONFLICT,
        "Cette séance n'est pas encore terminée : il n'y a rien à corriger.",
        "This session is not closed yet: there is nothing to correct.",
        "Terminez-la d'abord.",
        "Close it first.",
    ),
    "minutes_unlikely": Told(
        "CAR-11",
        UNCLEAR,
        "Une séance dure entre {least} et {most} minutes.",
        "A session lasts between {least} and {most} minutes.",
        "Indiquez la durée en minutes, ou laissez vide.",
        "Give the length in minutes, or leave it empty.",
    ),
    "told_after": Told(
        "CAR-12",
        UNCLEAR,
        "On ne prévient pas d'une absence après le jour de la séance.",
        "An absence is not told after the day of the session.",
        "Indiquez le jour où vous avez été prévenu, ou laissez vide.",
        "Give the day you were told, or leave it empty.",
    ),
    "sheet_replaced": Told(
        "CAR-13",
        CONFLICT,
        "Cette feuille a été remplacée : la séance a été corrigée depuis.",
        "This sheet was replaced: the session was corrected since.",
        "Envoyez la nouvelle feuille, depuis la séance.",
        "Send the new sheet, from the session.",
    ),
    # Papers
    "document_unclear": Told(
        "DOC-1",
        UNCLEAR,
        "Il manque le document, ou ce qu'il est.",
        "The document is missing, or what it is.",
        "Dites ce qu'il est, puis choisissez le fichier.",
        "Say what it is, then choose the file.",
    ),
    "document_too_large": Told(
        "DOC-2",
        UNCLEAR,
        "Ce fichier est trop lourd : {megabytes} Mo au plus.",
        "This file is too large: {megabytes} MB at most.",
        "Prenez une photo moins grande, ou une page à la fois.",
        "Take a smaller photograph, or one page at a time.",
    ),
    "documents_enough": Told(
        "DOC-3",
        CONFLICT,
        "Il y a déjà {count} documents.",
        "There are {count} documents already.",
        "Retirez-en un qui ne sert plus.",
        "Remove one that is no longer of use.",
    ),
    "letter_incomplete": Told(
        "ECR-1",
        UNCLEAR,
        "Il manque quelque chose pour que ce courrier compte.",
        "Something is missing for this letter to count.",
        "Complétez les champs indiqués.",
        "Fill in the fields shown.",
    ),
    "writing_unclear": Told(
        "ECR-4",
        UNCLEAR,
        "Il manque des mots, ou il y en a trop.",
        "Words are missing, or there are too many.",
        "Complétez ou raccourcissez les champs indiqués.",
        "Complete or shorten the fields shown.",
    ),
    "writing_signed": Told(
        "ECR-5",
        CONFLICT,
        "Ce document est signé : il ne change plus.",
        "This document is signed: it does not change any more.",
        "Écrivez-en un autre, qui dit ce qui a changé.",
        "Write another one, which says what has changed.",
    ),
    "writing_unsigned": Told(
        "ECR-6",
        CONFLICT,
        "Ce document n'est qu'un brouillon.",
        "This document is a draft only.",
        "Signez-le d'abord.",
        "Sign it first.",
    ),
    "attendance_unknown": Told(
        "ECR-7",
        CONFLICT,
        "Cette séance n'est pas notée comme faite.",
        "This session is not recorded as held.",
        "Terminez d'abord la séance, puis établissez l'attestation.",
        "Close the session first, then make the certificate.",
    ),
    "agreement_missing": Told(
        "ECR-8",
        UNCLEAR,
        "Il faut l'accord de la personne.",
        "The person's agreement is needed.",
        "Demandez-le-lui. En danger, dites-le : rien n'attend.",
        "Ask them. In danger, say so: nothing waits.",
    ),
    "agreement_refused": Told(
        "ECR-9",
        CONFLICT,
        "La personne a refusé cet envoi dans son espace.",
        "The person refused this in their own space.",
        "Parlez-en avec elle : elle seule peut changer sa réponse. En danger, dites-le.",
        "Talk to them: they alone can change their answer. In danger, say so.",
    ),
    "letter_code_unknown": Told(
        "ECR-2",
        UNCLEAR,
        "Ce code n'ouvre rien : mal recopié, déjà utilisé ou trop ancien.",
        "This code opens nothing: copied wrongly, used already, or too old.",
        "Relisez-le sur le papier. S'il est juste, gardez le papier : il suffit.",
        "Read it again on the paper. If it is right, keep the paper: it is enough.",
    ),
    "letter_of_another": Told(
        "ECR-3",
        CONFLICT,
        "Ce courrier porte un autre nom ou un autre jour de naissance.",
        "This letter bears another name or another day of birth.",
        "Comparez avec le papier. Si c'est bien cette personne, dites-le et recommencez.",
        "Compare with the paper. If it is this person, say so and try again.",
    ),
    "document_type": Told(
        "DOC-4",
        UNCLEAR,
        "Ce fichier n'est ni un PDF, ni une photo JPEG ou PNG, ou son nom dit autre chose.",
        "This file is no PDF and no JPEG or PNG picture, or its name says something else.",
        "Enregistrez-le en PDF, ou prenez le papier en photo.",
        "Save it as a PDF, or take a photograph of the paper.",
    ),
    "document_broken": Told(
        "DOC-5",
        UNCLEAR,
        "Ce fichier est abîmé : nous ne pouvons pas le lire en entier.",
        "This file is damaged: we cannot read it to its end.",
        "Enregistrez-le à nouveau, ou prenez le papier en photo.",
        "Save it again, or take a photograph of the paper.",
    ),
    "document_active": Told(
        "DOC-6",
        UNCLEAR,
        "Ce PDF a un mot de passe, ou contient un programme ou un autre fichier.",
        "This PDF has a password, or holds a program or another file.",
        "Imprimez-le en PDF, ou prenez le papier en photo.",
        "Print it to PDF, or take a photograph of the paper.",
    ),
    "document_heavy": Told(
        "DOC-7",
        UNCLEAR,
        "Ce fichier est bien plus grand à l'intérieur que ce qu'il faut pour un papier.",
        "This file is far larger inside than a paper needs.",
        "Prenez le papier en photo, ou enregistrez-le moins grand.",
        "Take a photograph of the paper, or save it smaller.",
    ),
    # Signing in
    "link_over": Told(
        "COM-1",
        NOT_FOUND,
        "Ce lien a déjà servi, ou il est trop ancien.",
        "This link was used before, or is too old.",
        "Demandez-en un autre : il arrive en quelques instants.",
        "Ask for another one: it arrives within moments.",
    ),
    "recovery_by_people": Told(
        "COM-20",
        CONFLICT,
        "Votre compte ouvre les données d'autres personnes : un courriel seul ne suffit pas.",
        "Your account opens other people's data: a mail alone is not enough.",
        "Entrez par votre identité professionnelle, ou écrivez à qui tient ce site.",
        "Enter with your professional identity, or write to whoever runs this site.",
    ),
    "recovery_needless": Told(
        "COM-21",
        CONFLICT,
        "Ce compte n'a pas de seconde preuve à perdre.",
        "This account has no second proof to lose.",
        "Choisissez un autre mot de passe : cela suffit pour entrer.",
        "Choose another password: that is enough to enter.",
    ),
    "recovery_open": Told(
        "COM-22",
        CONFLICT,
        "Une récupération de ce compte est déjà en cours.",
        "A recovery of this account is under way already.",
        "Attendez le courriel qui la termine, ou arrêtez-la depuis celui qui l'annonce.",
        "Wait for the mail that ends it, or stop it from the one that told of it.",
    ),
    "recovery_same_person": Told(
        "COM-23",
        CONFLICT,
        "La même personne s'est déjà portée garante.",
        "The same person has vouched already.",
        "Demandez à un autre administrateur de le faire aussi.",
        "Ask another administrator to do so too.",
    ),
    "recovery_proof": Told(
        "COM-24",
        UNCLEAR,
        "Il manque la pièce qui a été vue.",
        "The paper that was seen is missing.",
        "Écrivez laquelle, avec sa date ou son numéro.",
        "Write which one, with its date or number.",
    ),
    "account_exists": Told(
        "COM-2",
        CONFLICT,
        "Un compte est déjà ouvert à cette adresse.",
        "There is an account at this address already.",
        "Connectez-vous, ou demandez un lien pour entrer.",
        "Sign in, or ask for a link to enter.",
    ),
    "newcomer_missing": Told(
        "COM-3",
        UNCLEAR,
        "Il manque votre nom ou votre jour de naissance.",
        "Your name or your day of birth is missing.",
        "Complétez les champs indiqués.",
        "Fill in the fields shown.",
    ),
    "too_often": Told(
        "COM-4",
        TOO_MANY,
        "Il y a eu trop d'essais de suite. Vous pourrez réessayer à {again}.",
        "There were too many tries in a row. You can try again at {again}.",
        "Rien n'est bloqué : attendez cette heure, ou demandez un lien par courriel.",
        "Nothing is locked: wait until then, or ask for a link by e-mail.",
    ),
    "asked_too_often": Told(
        "COM-12",
        TOO_MANY,
        "Beaucoup de demandes arrivent de la même adresse. Nous reprenons à {again}.",
        "Many requests come from the same address. We start again at {again}.",
        "Vous n'y êtes peut-être pour rien : une connexion partagée suffit. Rien n'est perdu.",
        "It may not be your doing: a shared connection is enough. Nothing is lost.",
    ),
    "code_wrong": Told(
        "COM-5",
        UNCLEAR,
        "Ce code n'est pas le bon, ou il a déjà servi.",
        "This code is not the right one, or was used before.",
        "Attendez le code suivant et recopiez ses six chiffres.",
        "Wait for the next code and copy its six digits.",
    ),
    "passkey_refused": Told(
        "COM-6",
        UNCLEAR,
        "Cette clé d'accès n'a pas pu être vérifiée.",
        "This passkey could not be checked.",
        "Réessayez, ou utilisez un code.",
        "Try again, or use a code.",
    ),
    "factor_exists": Told(
        "COM-7",
        CONFLICT,
        "Une application de codes protège déjà ce compte.",
        "An application of codes already protects this account.",
        "Retirez-la d'abord pour en mettre une autre.",
        "Remove it first to set up another.",
    ),
    "factor_missing": Told(
        "COM-8",
        CONFLICT,
        "Les codes de secours remplacent une application ou une clé d'accès perdue.",
        "Recovery codes stand in for a lost application or passkey.",
        "Ajoutez d'abord une application de codes ou une clé d'accès.",
        "Add an application of codes or a passkey first.",
    ),
    "last_factor": Told(
        "COM-9",
        CONFLICT,
        "Votre compte voit les données d'autres personnes : il garde une double protection.",
        "Your account sees other people's data: it keeps a double protection.",
        "Ajoutez-en une autre avant de retirer celle-ci.",
        "Add another one before removing this one.",
    ),
    # An identity that somebody else answers for
    "identity_answer_old": Told(
        "IDE-1",
        CONFLICT,
        "Cette connexion a expiré, ou elle a commencé dans un autre navigateur.",
        "This sign-in has run out, or it began in another browser.",
        "Recommencez depuis la page de connexion : il suffit d'une fois.",
        "Start again from the sign-in page: once is enough.",
    ),
    "identity_answer_wrong": Told(
        "IDE-2",
        CONFLICT,
        "La réponse de {provider} n'a pas pu être vérifiée. Personne n'a été connecté.",
        "The answer from {provider} could not be checked. Nobody was signed in.",
        "Recommencez. Si cela revient, connectez-vous autrement et prévenez-nous.",
        "Start again. If it comes back, sign in another way and tell us.",
    ),
    "identity_provider_silent": Told(
        "IDE-3",
        CONFLICT,
        "{provider} ne répond pas en ce moment.",
        "{provider} does not answer at the moment.",
        "Réessayez dans quelques minutes, ou connectez-vous autrement.",
        "Try again in a few minutes, or sign in another way.",
    ),
    "identity_declined": Told(
        "IDE-4",
        CONFLICT,
        "Vous n'êtes pas allé au bout de la connexion avec {provider}.",
        "You did not complete the sign-in with {provider}.",
        "Ce n'est pas grave : recommencez quand vous voulez, ou connectez-vous autrement.",
        "That is fine: start again when you like, or sign in another way.",
    ),
    "identity_not_known": Told(
        "IDE-5",
        CONFLICT,
        "Cette identité n'est encore reliée à aucun compte ici.",
        "This identity is not linked to any account here yet.",
        "Vous avez un compte : connectez-vous, puis reliez-la depuis « Ma sécurité ».",
        "If you have an account: sign in, then link it from “My security”.",
    ),
    "identity_incomplete": Told(
        "IDE-6",
        CONFLICT,
        "Il manque un nom, un prénom ou un jour de naissance à cette identité.",
        "A name, a given name or a day of birth is missing from this identity.",
        "Connectez-vous autrement, ou faites compléter cette identité là où elle est tenue.",
        "Sign in another way, or have it completed where it is kept.",
    ),
    "identity_account_closed": Told(
        "IDE-7",
        CONFLICT,
        "Le compte relié à cette identité est fermé.",
        "The account linked to this identity is closed.",
        "Écrivez-nous si vous pensez que c'est une erreur.",
        "Write to us if you think this is a mistake.",
    ),
    "identity_not_psychologist": Told(
        "IDE-8",
        CONFLICT,
        "Cette carte n'est pas celle d'un psychologue.",
        "This card is not that of a psychologist.",
        "Si vous êtes psychologue, vérifiez votre profession auprès de l'annuaire santé.",
        "If you are a psychologist, check your profession with the national directory.",
    ),
    "identity_not_partner": Told(
        "IDE-9",
        CONFLICT,
        "Nous ne trouvons pas de psychologue partenaire avec ce numéro RPPS.",
        "We find no partner psychologist with this RPPS number.",
        "Si vous venez de signer, attendez quelques jours que la liste soit à jour.",
        "If you have just signed, wait a few days until the list is up to date.",
    ),
    "identity_no_agent_account": Told(
        "IDE-10",
        CONFLICT,
        "Aucun compte n'a été préparé pour cette adresse dans votre organisme.",
        "No account was prepared for this address in your organisation.",
        "Demandez à l'administration du site d'ouvrir votre accès.",
        "Ask the administrators of the site to open your access.",
    ),
    "identity_of_somebody_else": Told(
        "IDE-11",
        CONFLICT,
        "Cette identité ne correspond pas à ce compte.",
        "This identity does not match this account.",
        "Vérifiez que vous vous êtes identifié vous-même, et avec le bon compte.",
        "Check that you identified yourself, and with the right account.",
    ),
    "identity_taken": Told(
        "IDE-12",
        CONFLICT,
        "Cette identité est déjà reliée à un compte.",
        "This identity is linked to an account already.",
        "Connectez-vous avec elle, ou retirez d'abord le lien depuis l'autre compte.",
        "Sign in with it, or first remove the link from the other account.",
    ),
    "identity_already_linked": Told(
        "IDE-13",
        CONFLICT,
        "Ce compte est déjà relié à une autre identité du même service.",
        "This account is linked to another identity of the same service already.",
        "Retirez d'abord ce lien depuis « Ma sécurité ».",
        "First remove that link from “My security”.",
    ),
    "identity_last_way_in": Told(
        "IDE-14",
        CONFLICT,
        "C'est votre seule façon d'entrer : sans elle, votre compte resterait fermé.",
        "This is your only way in: without it your account would stay closed.",
        "Ajoutez d'abord une adresse de courriel ou un mot de passe.",
        "First add an e-mail address or a password.",
    ),
    # Accounts that are opened for others
    "email_taken": Told(
        "CPT-1",
        CONFLICT,
        "Cette adresse a déjà un compte.",
        "This address has an account already.",
        "Changez son rôle, ou rouvrez-le s'il est fermé.",
        "Change its role, or open it again if it is closed.",
    ),
    "role_needs": Told(
        "CPT-2",
        UNCLEAR,
        "Le rôle {role} va avec ceci et rien d'autre : {needs}.",
        "The role {role} goes with this and nothing else: {needs}.",
        "Indiquez une personne, un psychologue ou une caisse, selon le rôle.",
        "Give a person, a psychologist or a fund, as the role asks.",
    ),
    # Acting for somebody
    "guardian_of_oneself": Told(
        "TUT-1",
        UNCLEAR,
        "Personne n'est son propre représentant.",
        "Nobody is their own guardian.",
        "Indiquez deux personnes différentes.",
        "Give two different people.",
    ),
    "child_of_age": Told(
        "TUT-2",
        CONFLICT,
        "Cette personne a {years} ans depuis le {day} : personne n'agit plus pour elle.",
        "This person has been {years} years old since {day}: nobody acts for them any more.",
        "Elle ouvre son propre compte.",
        "They open an account of their own.",
    ),
    "guardian_already": Told(
        "TUT-3",
        CONFLICT,
        "Ces deux personnes sont déjà liées pendant ces jours.",
        "These two people are already tied during these days.",
        "Mettez d'abord fin au lien qui existe.",
        "End the tie that exists first.",
    ),
    "proof_missing": Told(
        "TUT-4",
        UNCLEAR,
        "Il manque la pièce qui a été vue, ou la raison.",
        "The paper that was seen, or the reason, is missing.",
        "Indiquez la pièce avec sa date ou son numéro.",
        "Name the paper with its date or number.",
    ),
    "period_wrong": Told(
        "TUT-5",
        UNCLEAR,
        "Ces jours ne vont pas ensemble.",
        "These days do not fit together.",
        "La fin vient après le début. Ce qui est fini s'enregistre à nouveau.",
        "The end comes after the start. What has ended is recorded anew.",
    ),
    "replacement_of_oneself": Told(
        "REM-1",
        UNCLEAR,
        "Personne ne se remplace soi-même.",
        "Nobody replaces themselves.",
        "Indiquez deux psychologues différents.",
        "Give two different psychologists.",
    ),
    "replacement_already": Told(
        "REM-2",
        CONFLICT,
        "L'un remplace déjà l'autre pendant ces jours.",
        "One already replaces the other during these days.",
        "Mettez d'abord fin au remplacement qui existe.",
        "End the replacement that exists first.",
    ),
    # The directory
    "link_too_old": Told(
        "FIC-1",
        NOT_FOUND,
        "Ce lien a plus de {lasts_days} jours : il ne s'ouvre plus.",
        "This link is more than {lasts_days} days old: it no longer opens.",
        "Ouvrez le courriel le plus récent, ou connectez-vous à votre espace.",
        "Open the latest e-mail, or sign in.",
    ),
    "full_until_unclear": Told(
        "FIC-2",
        UNCLEAR,
        "Il manque le jour où vous aurez de nouveau de la place, ou ce jour ne convient pas.",
        "The day from which you will have room again is missing, or cannot be used.",
        "Indiquez un jour à venir, au plus tard le {latest}.",
        "Give a day to come, on {latest} at the latest.",
    ),
    # Booking
    "slot_taken": Told(
        "RDV-1",
        CONFLICT,
        "Quelqu'un vient de réserver cette heure. Voici les plus proches.",
        "Somebody has just booked this time. Here are the nearest ones.",
        *_OTHER_TIME,
    ),
    "slot_not_open": Told(
        "RDV-2",
        CONFLICT,
        "Cette heure n'est plus ouverte à la réservation. Voici les plus proches.",
        "This time is no longer open for booking. Here are the nearest ones.",
        *_OTHER_TIME,
    ),
    "slot_past": Told(
        "RDV-3",
        CONFLICT,
        "Cette heure est déjà passée. Voici les prochaines.",
        "This time has already passed. Here are the next ones.",
        *_OTHER_TIME,
    ),
    "no_new_patients": Told(
        "RDV-4",
        CONFLICT,
        "Ce psychologue n'accueille pas de nouvelles personnes en ce moment.",
        "This psychologist is not taking new people at the moment.",
        "Cherchez un autre psychologue près de chez vous, ou revenez voir cette page plus tard.",
        "Look for another psychologist near you, or come back to this page later.",
    ),
    "not_under_agreement": Told(
        "RDV-5",
        CONFLICT,
        "Ce psychologue ne sera pas partenaire du dispositif le {day} : la séance ne serait pas "
        "remboursée.",
        "This psychologist will not be a partner of the programme on {day}: the session would not "
        "be reimbursed.",
        "Choisissez un autre jour ou un autre psychologue partenaire. Vos séances vous suivent.",
        "Choose another day or another partner psychologist. Your sessions follow you.",
    ),
    "evaluation_in_person": Told(
        "RDV-6",
        CONFLICT,
        "La première séance a toujours lieu en présence du psychologue.",
        "The first session always takes place in person.",
        "Choisissez une heure au cabinet. La vidéo est possible pour les séances suivantes.",
        "Choose a time at the practice. Video is possible for the sessions that follow.",
    ),
    "year_full": Told(
        "RDV-7",
        CONFLICT,
        "Vos {cap} séances de {year} sont déjà faites ou réservées. Le compte repart le "
        "{restarts_on}.",
        "Your {cap} sessions of {year} are already held or booked. The count starts again on "
        "{restarts_on}.",
        "Annulez une séance réservée pour en placer une autre. Si vous avez besoin d'aide avant, "
        "parlez-en à votre psychologue ou à votre médecin.",
        "Cancel a booked session to make room for another. If you need help before then, talk to "
        "your psychologist or your doctor.",
    ),
    "evaluation_exists": Told(
        "RDV-8",
        CONFLICT,
        "Votre première séance de {year} est déjà faite ou réservée. Il n'y en a qu'une par an.",
        "Your first session of {year} is already held or booked. There is only one a year.",
        "Réservez plutôt une séance de suivi, avec ce psychologue ou un autre.",
        "Book a follow-up session instead, with this psychologist or another.",
    ),
    "evaluation_needed": Told(
        "RDV-9",
        CONFLICT,
        "Une séance de suivi vient après une première séance, l'entretien d'évaluation.",
        "A follow-up session comes after a first session, the evaluation.",
        "Réservez d'abord une première séance, à une date plus proche.",
        "Book a first session before it, on an earlier day.",
    ),
    "same_day": Told(
        "RDV-10",
        CONFLICT,
        "Vous avez déjà une séance le {day}. Une seule par jour peut être remboursée.",
        "You already have a session on {day}. Only one a day can be reimbursed.",
        "Choisissez un autre jour, ou annulez la séance déjà réservée.",
        "Choose another day, or cancel the session already booked.",
    ),
    "person_busy": Told(
        "RDV-11",
        CONFLICT,
        "Vous avez déjà un rendez-vous à cette heure.",
        "You already have an appointment at this time.",
        "Choisissez une autre heure, ou annulez l'autre rendez-vous.",
        "Choose another time, or cancel the other appointment.",
    ),
    "too_young": Told(
        "RDV-12",
        CONFLICT,
        "Le dispositif commence à {age_years_min} ans.",
        "The programme starts at the age of {age_years_min}.",
        "Avant cet âge, parlez-en au médecin de l'enfant, à la PMI ou à un CMP pour enfants.",
        "Before that age, talk to the child's doctor, to the PMI or to a children's CMP.",
    ),
    "booking_ended": Told(
        "RDV-13",
        CONFLICT,
        "Ce rendez-vous n'est plus réservé.",
        "This appointment is no longer booked.",
        "Choisissez une nouvelle heure. Si vous n'avez pas annulé vous-même, appelez le cabinet.",
        "Choose a new time. If you did not cancel it yourself, call the practice.",
    ),
    "booking_over": Told(
        "RDV-14",
        CONFLICT,
        "Ce rendez-vous a déjà eu lieu ou vient de commencer : il ne peut plus être annulé ici.",
        "This appointment is over or has just begun: it can no longer be cancelled here.",
        "Appelez le cabinet. Une séance manquée n'est jamais comptée dans votre année.",
        "Call the practice. A missed session is never counted in your year.",
    ),
    "identity_missing": Told(
        "RDV-15",
        UNCLEAR,
        "Il manque votre nom, votre prénom, votre jour de naissance ou une adresse de courriel "
        "ou un téléphone.",
        "Your family name, given name, day of birth, or an e-mail address or a telephone number "
        "is missing.",
        "Complétez ce qui manque. Le psychologue en a besoin pour vous accueillir.",
        "Fill in what is missing. The psychologist needs it to receive you.",
    ),
    "birth_date_ahead": Told(
        "RDV-16",
        UNCLEAR,
        "Le jour de naissance indiqué n'est pas encore arrivé.",
        "The day of birth given has not come yet.",
        "Indiquez le jour, le mois et l'année de naissance, par exemple 7 mars 1990.",
        "Give the day, month and year of birth, for example 7 March 1990.",
    ),
    "before_programme": Told(
        "RDV-17",
        CONFLICT,
        "Le dispositif a commencé le {starts_on}.",
        "The programme started on {starts_on}.",
        "Choisissez une date plus récente.",
        "Choose a later day.",
    ),
    "slot_too_soon": Told(
        "RDV-18",
        CONFLICT,
        "Cette heure est trop proche pour être réservée en ligne. Voici les suivantes.",
        "This time is too close to be booked online. Here are the next ones.",
        "Choisissez une autre heure. Si vous avez besoin de celle-ci, appelez le cabinet.",
        "Choose another time. If you need this one, call the practice.",
    ),
    "slot_too_far": Told(
        "RDV-19",
        CONFLICT,
        "L'agenda n'est pas encore ouvert aussi loin.",
        "The agenda is not open that far ahead yet.",
        *_OTHER_TIME,
    ),
    "slot_kept": Told(
        "RDV-20",
        CONFLICT,
        "Cette heure est gardée pour une première séance. Voici les plus proches.",
        "This time is kept for a first session. Here are the nearest ones.",
        *_OTHER_TIME,
    ),
    "hold_again": Told(
        "RDV-21",
        CONFLICT,
        "Vous avez déjà gardé cette heure. Elle est rendue aux autres pendant {minutes} minutes.",
        "You have already kept this time. It is left to others for {minutes} minutes.",
        "Vous pouvez encore confirmer depuis la page ouverte la première fois, tant que personne "
        "n'a pris cette heure. Sinon, choisissez-en une autre.",
        "You can still confirm from the page opened the first time, while nobody has taken this "
        "time. Otherwise, choose another.",
    ),
    "follow_ups_before": Told(
        "RDV-22",
        CONFLICT,
        "Une séance de suivi est réservée le {day} : la première séance doit rester avant.",
        "A follow-up session is booked on {day}: the first session must stay before it.",
        "Choisissez un jour plus proche, ou déplacez d'abord la séance de suivi.",
        "Choose an earlier day, or move the follow-up session first.",
    ),
    "overbooking_reason": Told(
        "RDV-23",
        UNCLEAR,
        "Dites pourquoi vous ajoutez ce rendez-vous hors de votre agenda.",
        "Say why you add this appointment outside your agenda.",
        "Choisissez une raison dans la liste. Elle est gardée dans le journal.",
        "Choose a reason from the list. It is kept in the log.",
    ),
    "overbooked_already": Told(
        "RDV-24",
        CONFLICT,
        "Deux rendez-vous sont déjà pris à cette heure.",
        "Two appointments are already taken at this time.",
        "Choisissez une autre heure, ou déplacez l'un des deux.",
        "Choose another time, or move one of the two.",
    ),
    "slot_length": Told(
        "RDV-25",
        UNCLEAR,
        "La durée indiquée n'est pas possible.",
        "The length given is not possible.",
        "Indiquez une durée entre {shortest} et {longest} minutes.",
        "Give a length between {shortest} and {longest} minutes.",
    ),
    # A plan of several sessions
    "plan_refused": Told(
        "PLA-1",
        CONFLICT,
        "Ces séances ne peuvent pas être réservées ensemble : {wrong} sur {count} ne conviennent "
        "pas. Rien n'a été réservé.",
        "These sessions cannot be booked together: {wrong} of {count} do not fit. Nothing was "
        "booked.",
        "Lisez la raison sous chaque date, puis demandez une nouvelle proposition.",
        "Read the reason under each date, then ask for a new proposal.",
    ),
    "plan_length": Told(
        "PLA-2",
        UNCLEAR,
        "Une série compte de une à {cap} séances.",
        "A series has one to {cap} sessions.",
        "Indiquez un nombre entre 1 et {cap}.",
        "Give a number between 1 and {cap}.",
    ),
    "plan_empty": Told(
        "PLA-3",
        CONFLICT,
        "Toutes les séances remboursées de {year} sont faites ou réservées. Le compte repart le "
        "{restarts_on}.",
        "All reimbursed sessions of {year} are held or booked. The count starts again on "
        "{restarts_on}.",
        "Demandez une série à partir du {restarts_on}, ou annulez une séance réservée.",
        "Ask for a series from {restarts_on} on, or cancel a booked session.",
    ),
    "line_holiday": Told(
        "PLA-4",
        CONFLICT,
        "Le {day} est un jour férié.",
        "{day} is a public holiday.",
        *_NEXT_DAY,
    ),
    "line_closed": Told(
        "PLA-5",
        CONFLICT,
        "Le cabinet ne reçoit pas à cette heure le {day}.",
        "The practice is not open at this time on {day}.",
        *_NEXT_DAY,
    ),
    "line_busy": Told(
        "PLA-6",
        CONFLICT,
        "Cette heure est déjà prise le {day}.",
        "This time is already taken on {day}.",
        *_NEXT_DAY,
    ),
    "line_too_soon": Told(
        "PLA-7",
        CONFLICT,
        "Le {day} est trop proche pour réserver en ligne à cette heure.",
        "{day} is too close to book this time online.",
        *_NEXT_DAY,
    ),
    "line_too_far": Told(
        "PLA-8",
        CONFLICT,
        "L'agenda n'est pas encore ouvert le {day}.",
        "The agenda is not open on {day} yet.",
        "Réservez les premières séances maintenant, et les suivantes plus tard.",
        "Book the first sessions now, and the others later.",
    ),
    "line_kept": Told(
        "PLA-9",
        CONFLICT,
        "Cette heure est gardée pour une première séance le {day}.",
        "This time is kept for a first session on {day}.",
        *_NEXT_DAY,
    ),
    # The psychologist's hours
    "hours_wrong": Told(
        "HOR-1",
        UNCLEAR,
        "Ces heures ne vont pas ensemble : la fin vient après le début, le même jour, et un "
        "rendez-vous y tient.",
        "These hours do not fit together: the end comes after the start, on the same day, and an "
        "appointment fits in between.",
        "Corrigez le début, la fin ou la durée d'un rendez-vous.",
        "Correct the start, the end or the length of an appointment.",
    ),
    "days_wrong": Told(
        "HOR-2",
        UNCLEAR,
        "Le dernier jour vient avant le premier.",
        "The last day comes before the first.",
        "Corrigez l'un des deux jours.",
        "Correct one of the two days.",
    ),
    "day_past": Told(
        "HOR-3",
        UNCLEAR,
        "Ce jour est déjà passé : les heures d'alors ne changent plus.",
        "This day has passed: the hours of that time no longer change.",
        "Choisissez aujourd'hui ou un jour qui vient.",
        "Choose today or a day to come.",
    ),
    "openings_at_once": Told(
        "HOR-4",
        CONFLICT,
        "Vous seriez à deux endroits à la fois le {day}.",
        "You would be at two places at once on {day}.",
        "Changez les heures, ou terminez d'abord celles de l'autre lieu.",
        "Change the hours, or end those of the other place first.",
    ),
    "opening_over": Told(
        "HOR-5",
        CONFLICT,
        "Ces heures sont déjà terminées ce jour-là.",
        "These hours have already ended by that day.",
        "Choisissez un jour plus tôt, ou ajoutez de nouvelles heures.",
        "Choose an earlier day, or add new hours.",
    ),
    "week_too_long": Told(
        "HOR-7",
        UNCLEAR,
        "Cette semaine a trop de plages d'heures.",
        "This week has too many ranges of hours.",
        "Réunissez celles qui se suivent : {most} suffisent.",
        "Join those that follow each other: {most} are enough.",
    ),
    "limits_wrong": Told(
        "HOR-6",
        UNCLEAR,
        "L'un de ces réglages n'est pas possible.",
        "One of these settings is not possible.",
        "Indiquez une valeur entre {least} et {most}.",
        "Give a value between {least} and {most}.",
    ),
    # Waiting and asking
    "offer_over": Told(
        "ATT-1",
        CONFLICT,
        "Cette heure n'est plus gardée pour vous.",
        "This time is no longer kept for you.",
        "Vous gardez votre place : la prochaine heure qui vous convient vous sera proposée.",
        "You keep your place: the next time that suits you will be offered to you.",
    ),
    "wait_over": Told(
        "ATT-2",
        CONFLICT,
        "Vous n'êtes plus sur la liste d'attente.",
        "You are no longer on the waiting list.",
        "Si vous cherchez encore, inscrivez-vous de nouveau : cela prend deux minutes.",
        "If you are still looking, join again: it takes two minutes.",
    ),
    "contact_missing": Told(
        "ATT-3",
        UNCLEAR,
        "Il manque votre nom, ou une adresse de courriel ou un téléphone.",
        "Your name is missing, or an e-mail address or a telephone number.",
        "Indiquez comment vous appeler et comment vous joindre.",
        "Say what to call you and how to reach you.",
    ),
    "waiting_enough": Told(
        "ATT-4",
        CONFLICT,
        "Vous attendez déjà à {places} endroits depuis ce navigateur.",
        "You are already waiting in {places} places from this browser.",
        "Quittez une liste d'attente pour en rejoindre une autre.",
        "Leave one waiting list to join another.",
    ),
    "asked_enough": Told(
        "DEM-1",
        TOO_MANY,
        "Vous avez déjà demandé à être rappelé {times} fois aujourd'hui.",
        "You have already asked to be called back {times} times today.",
        "Attendez une réponse, ou appelez directement un cabinet.",
        "Wait for an answer, or call a practice yourself.",
    ),
    "inbox_full": Told(
        "DEM-2",
        TOO_MANY,
        "Ce psychologue a déjà reçu beaucoup de demandes aujourd'hui.",
        "This psychologist has already received many requests today.",
        "Appelez le cabinet, réessayez demain, ou cherchez un autre psychologue près de vous.",
        "Call the practice, try again tomorrow, or look for another psychologist near you.",
    ),
    "request_over": Told(
        "DEM-3",
        CONFLICT,
        "Cette demande a déjà une réponse, ou la personne n'attend plus.",
        "This request already has an answer, or the person is no longer waiting.",
        "Revenez à la liste des demandes : elle est à jour.",
        "Go back to the list of requests: it is up to date.",
    ),
    "booking_of_another": Told(
        "DEM-4",
        CONFLICT,
        "Ce rendez-vous n'est pas dans votre agenda, ou n'est pas confirmé.",
        "This appointment is not in your agenda, or not confirmed.",
        "Choisissez une heure libre de votre agenda.",
        "Choose a free time of your agenda.",
    ),
    # Closing a session
    "session_ahead": Told(
        "SEA-1",
        CONFLICT,
        "Cette séance n'a pas encore commencé.",
        "This session has not started yet.",
        "Terminez-la quand elle a eu lieu. Pour la déplacer ou l'annuler, ouvrez le rendez-vous.",
        "Close it once it has taken place. To move or cancel it, open the appointment.",
    ),
    "already_closed": Told(
        "SEA-2",
        CONFLICT,
        "Cette séance est déjà terminée, et autrement que vous ne l'indiquez.",
        "This session is already closed, and not as you say here.",
        "Ouvrez sa feuille de soins. Si elle est fausse, dites-le à la caisse sans l'envoyer.",
        "Open its care sheet. If it is wrong, do not send it and tell the fund.",
    ),
    "nir_missing": Told(
        "SEA-3",
        UNCLEAR,
        "Il manque le numéro de sécurité sociale de la personne.",
        "The person's social security number is missing.",
        "Recopiez-le de son attestation de droits : treize caractères et deux chiffres de clé.",
        "Copy it from the certificate of rights: thirteen characters and a key of two digits.",
    ),
    "nir_wrong": Told(
        "SEA-4",
        UNCLEAR,
        "Ce numéro de sécurité sociale n'est pas possible : ses deux derniers chiffres, la clé, "
        "ne vont pas avec les autres.",
        "This social security number is not possible: its last two digits, the key, do not go "
        "with the others.",
        "Relisez-le sur l'attestation de droits, chiffre par chiffre, avec sa clé.",
        "Read it again on the certificate of rights, digit by digit, with its key.",
    ),
    "nir_length": Told(
        "SEA-13",
        UNCLEAR,
        "Ce numéro de sécurité sociale n'est pas complet, ou il est trop long.",
        "This social security number is not complete, or it is too long.",
        "Recopiez-le de son attestation de droits : treize caractères et deux chiffres de clé.",
        "Copy it from the certificate of rights: thirteen characters and a key of two digits.",
    ),
    "nir_characters": Told(
        "SEA-14",
        UNCLEAR,
        "Ce numéro de sécurité sociale contient un signe qui n'est pas un chiffre.",
        "This social security number holds a sign that is no digit.",
        "Recopiez-le avec des chiffres seulement, sauf 2A ou 2B pour la Corse.",
        "Copy it with digits only, but for 2A or 2B in Corsica.",
    ),
    "nir_sex": Told(
        "SEA-15",
        UNCLEAR,
        "Un numéro de sécurité sociale ne commence pas par ce chiffre.",
        "No social security number begins with this digit.",
        "Relisez le premier chiffre sur l'attestation de droits : 1 ou 2, ou bien 3, 4, 7 ou 8 "
        "pour un numéro provisoire.",
        "Read the first digit again on the certificate of rights: 1 or 2, or else 3, 4, 7 or 8 "
        "for a provisional number.",
    ),
    "nir_month": Told(
        "SEA-16",
        UNCLEAR,
        "Dans ce numéro de sécurité sociale, le mois de naissance n'est pas possible.",
        "In this social security number, the month of birth is not possible.",
        "Relisez le quatrième et le cinquième chiffres sur l'attestation de droits.",
        "Read the fourth and the fifth digits again on the certificate of rights.",
    ),
    "nir_place": Told(
        "SEA-17",
        UNCLEAR,
        "Dans ce numéro de sécurité sociale, le lieu de naissance n'est pas possible.",
        "In this social security number, the place of birth is not possible.",
        "Relisez les cinq caractères du milieu, du sixième au dixième, sur l'attestation.",
        "Read the five characters in the middle, from the sixth to the tenth, on the certificate.",
    ),
    "nir_rank": Told(
        "SEA-18",
        UNCLEAR,
        "Dans ce numéro de sécurité sociale, le numéro d'ordre n'est pas possible.",
        "In this social security number, the serial number is not possible.",
        "Relisez les trois chiffres avant la clé sur l'attestation de droits.",
        "Read the three digits before the key again on the certificate of rights.",
    ),
    "nir_differs": Told(
        "SEA-5",
        CONFLICT,
        "Un autre numéro de sécurité sociale est déjà enregistré pour cette personne.",
        "Another social security number is already recorded for this person.",
        "Relisez le numéro. S'il est juste, dites-le à la caisse avant d'établir la feuille.",
        "Read the number again. If it is right, tell the fund before issuing the sheet.",
    ),
    "person_already_known": Told(
        "SEA-6",
        CONFLICT,
        "Cette personne a déjà un dossier, avec des séances peut-être déjà comptées.",
        "This person already has a file, where sessions may already be counted.",
        "Vérifiez le numéro avec la personne. S'il est juste, réservez la séance depuis son "
        "propre compte pour qu'elle soit comptée une seule fois.",
        "Check the number with the person. If it is right, book the session from their own "
        "account so that it is counted only once.",
    ),
    "nir_of_another": Told(
        "SEA-11",
        CONFLICT,
        "Ce numéro de sécurité sociale est celui d'une autre personne.",
        "This social security number is somebody else's.",
        "Relisez le numéro. Pour un enfant, indiquez le sien : sa caisse peut le donner.",
        "Read the number again. For a child, give the child's own number: the fund can tell it.",
    ),
    "rights_missing": Told(
        "SEA-7",
        UNCLEAR,
        "Nous ne connaissons pas la caisse d'assurance maladie de la personne le {day}.",
        "We do not know the person's health-insurance scheme on {day}.",
        "Indiquez son régime d'après son attestation de droits, ou une aide médicale de l'État.",
        "Give the scheme from the certificate of rights, or State medical aid.",
    ),
    "rights_differ": Told(
        "SEA-8",
        CONFLICT,
        "D'autres droits sont déjà enregistrés pour cette personne le {day}.",
        "Other rights are already recorded for this person on {day}.",
        "Laissez ce champ vide pour garder ceux qui sont enregistrés. S'ils sont faux, dites-le à "
        "la caisse.",
        "Leave the field empty to keep those recorded. If they are wrong, tell the fund.",
    ),
    "fund_missing": Told(
        "SEA-12",
        UNCLEAR,
        "Il manque le code de la caisse de la personne.",
        "The code of the person's fund is missing.",
        "Recopiez-le de l'attestation de droits : c'est le code de l'organisme, neuf chiffres.",
        "Copy it from the certificate of rights: it is the body's code, nine digits.",
    ),
    "signature_missing": Told(
        "SEA-9",
        UNCLEAR,
        "Il manque une signature sur la feuille de soins.",
        "A signature is missing on the care sheet.",
        "Le psychologue et la personne signent ; une personne qui ne peut pas signer l'indique.",
        "The psychologist and the person both sign; a person who cannot sign says so.",
    ),
    "law_refuses": Told(
        "SEA-10",
        CONFLICT,
        "Cette séance ne serait pas remboursée. {sentences}",
        "This session would not be reimbursed. {sentences}",
        "{remedies}",
        "{remedies}",
    ),
    # Sending
    "received_ahead": Told(
        "FSE-1",
        UNCLEAR,
        "Le jour de réception indiqué n'est pas encore arrivé.",
        "The day of receipt given has not come yet.",
        "Indiquez le jour où la caisse a reçu la feuille, au plus tard aujourd'hui.",
        "Give the day on which the fund received the sheet, today at the latest.",
    ),
    "sent_by_psychologist": Told(
        "FSE-2",
        CONFLICT,
        "Cette feuille est envoyée par le psychologue : vous n'avez rien à faire.",
        "This sheet is sent by the psychologist: there is nothing for you to do.",
        "Attendez la décision de la caisse. Elle apparaîtra dans votre année.",
        "Wait for the fund's decision. It will appear in your year.",
    ),
    "not_to_confirm": Told(
        "FSE-3",
        CONFLICT,
        "La réponse à cette demande est déjà donnée.",
        "This claim was already answered.",
        "Relisez la demande : elle dit ce qui a été décidé, et quand.",
        "Read the claim again: it says what was decided, and when.",
    ),
    "needs_another_reader": Told(
        "FSE-4",
        CONFLICT,
        "Vous avez déjà relu cette demande.",
        "You have read this claim already.",
        "Demandez à une autre personne de votre caisse de la relire.",
        "Ask somebody else of your fund to read it.",
    ),
    # Programs: the API, its keys, and what is asked twice
    "token_missing": Told(
        "API-1",
        NOT_KNOWN,
        "Cette adresse demande une clé de programme, et celle-ci manque ou ne sert plus.",
        "This address needs a key for programs, and it is missing or no longer holds.",
        "Créez une clé dans « Ma sécurité » et envoyez-la dans l'en-tête Authorization: Bearer.",
        "Make a key in “My security” and send it in the header Authorization: Bearer.",
    ),
    "scope_missing": Told(
        "API-2",
        NOT_ALLOWED,
        "Cette clé de programme ne permet pas cela : il lui manque « {scope} ».",
        "This key for programs does not allow that: it lacks “{scope}”.",
        "Créez une clé avec ce droit dans « Ma sécurité ».",
        "Make a key with this right in “My security”.",
    ),
    "key_missing": Told(
        "API-3",
        BAD_REQUEST,
        "Il manque l'en-tête Idempotency-Key, ou il est trop long.",
        "The header Idempotency-Key is missing, or too long.",
        "Envoyez une valeur unique (un UUID), la même si vous recommencez.",
        "Send a unique value (a UUID), the same one when you try again.",
    ),
    "key_reused": Told(
        "API-4",
        UNCLEAR,
        "Cette clé (Idempotency-Key) a déjà servi pour une autre demande.",
        "This key (Idempotency-Key) was used for another request.",
        "Prenez une nouvelle clé pour une nouvelle demande.",
        "Take a new key for a new request.",
    ),
    "still_running": Told(
        "API-5",
        CONFLICT,
        "Cette même demande est déjà en cours.",
        "This very request is being worked on.",
        "Attendez un instant et recommencez à l'identique : rien ne sera fait deux fois.",
        "Wait a moment and send it again unchanged: nothing will be done twice.",
    ),
    "request_unclear": Told(
        "API-6",
        UNCLEAR,
        "Nous ne comprenons pas cette demande : {what}",
        "We do not understand this request: {what}",
        "Corrigez ces points ; docs/api.md et openapi.json donnent la forme attendue.",
        "Correct these points; docs/api.md and openapi.json give the form expected.",
    ),
    "method_unknown": Told(
        "API-7",
        NO_METHOD,
        "Cette adresse ne prend pas cette méthode.",
        "This address does not take this method.",
        "Prenez une de celles de l'en-tête Allow.",
        "Take one of those in the header Allow.",
    ),
    "failed": Told(
        "API-8",
        FAILED,
        "Quelque chose n'a pas marché de notre côté. Rien n'a été enregistré.",
        "Something went wrong on our side. Nothing was recorded.",
        "Recommencez avec la même clé (Idempotency-Key). Si cela dure, signalez-le.",
        "Try again with the same key (Idempotency-Key). If it lasts, tell us.",
    ),
    "second_factor_first": Told(
        "API-9",
        NOT_ALLOWED,
        "Une clé pour agir avec ce compte demande d'abord une deuxième preuve.",
        "A key to act with this account needs a second proof first.",
        "Ajoutez-la dans « Ma sécurité », puis recommencez.",
        "Add it in “My security”, then try again.",
    ),
    "key_unclear": Told(
        "API-10",
        UNCLEAR,
        "Il manque le nom de la clé, ses droits ou sa durée.",
        "The name of the key, its rights or how long it holds are missing.",
        "Complétez les champs indiqués.",
        "Fill in the fields shown.",
    ),
    "keys_enough": Told(
        "API-11",
        CONFLICT,
        "Ce compte a déjà {count} clés pour programmes.",
        "This account has {count} keys for programs already.",
        "Révoquez celles qui ne servent plus.",
        "Revoke those that are no longer of use.",
    ),
    "in_clear": Told(
        "API-12",
        NOT_ALLOWED,
        "Cette adresse se demande en https, et rien n'a été fait de cette demande.",
        "This address is asked by https, and nothing was done of this request.",
        "Demandez-la en https. Si une clé a été envoyée, remplacez-la : elle a pu être lue.",
        "Ask by https. If a key was sent, replace it: it may have been read.",
    ),
    # Importing
    "import_older": Told(
        "IMP-1",
        CONFLICT,
        "Ce fichier date du {given_on}, le dernier importé du {known_on}.",
        "This file is of {given_on}, the last one imported of {known_on}.",
        "Prenez un fichier plus récent. Si sa date est fausse, donnez la bonne avec --date.",
        "Take a newer file. If its day is wrong, give the right one with --date.",
    ),
    "import_overtaken": Told(
        "IMP-2",
        CONFLICT,
        "Un autre import du même fichier a commencé : celui-ci s'arrête.",
        "Another import of this kind has begun: this one stops.",
        "Attendez la fin de l'autre. Ce qui est déjà importé reste juste.",
        "Wait until the other one ends. What is already imported is right.",
    ),
    "import_too_many_gone": Told(
        "IMP-3",
        CONFLICT,
        "Il manque {gone} psychologues sur {known} : le fichier est sans doute incomplet. "
        "Personne n'a été retiré de la recherche.",
        "{gone} psychologists of {known} are missing: the file is probably cut short. Nobody was "
        "hidden from the search.",
        "Téléchargez le fichier à nouveau. S'il est complet, ajoutez --allow-losses.",
        "Download the file again. If it is whole, add --allow-losses.",
    ),
}


class Refusal(Exception):
    """A step was not taken. ``context`` holds what the sentence names, and what a page may show.

    ``nearest`` in the context are free slots; ``answer`` is the law's own, told in its words.
    """

    def __init__(self, code: str, **context: Any) -> None:
        super().__init__(code)
        self.code = code
        self.context = context
        self.told = TABLE[code]

    @property
    def reference(self) -> str:
        """What a person can quote to somebody who helps; stable."""
        return self.told.reference

    @property
    def http_status(self) -> int:
        """The status of a page or of an API's answer that tells this."""
        return self.told.http_status

    def sentence(self, lang: str = "fr") -> str:
        """What happened, in the reader's language."""
        return self._filled(self.told.en if lang == "en" else self.told.fr, lang)

    def remedy(self, lang: str = "fr") -> str:
        """What to do now."""
        return self._filled(self.told.remedy_en if lang == "en" else self.told.remedy_fr, lang)

    def _filled(self, text: str, lang: str) -> str:
        return text.format_map(
            {
                name: in_words(day_number(value), lang) if isinstance(value, date) else value
                for name, value in (self.context | self._law_in_words(lang)).items()
            }
        )

    def _law_in_words(self, lang: str) -> dict[str, str]:
        answer = self.context.get("answer")
        if answer is None:
            return {}
        lines = [line for line in explain(answer, lang) if line.about == "reason"]
        return {
            "sentences": " ".join(line.sentence for line in lines),
            "remedies": " ".join(line.remedy for line in lines),
        }
