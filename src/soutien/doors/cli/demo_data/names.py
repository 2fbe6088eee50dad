"""Names as they are borne in France, of many origins. Put together at random, they are nobody."""

from __future__ import annotations

from typing import NamedTuple

from soutien.registers.places.spelling import plain


class Origin(NamedTuple):
    """Names that go together; ``weight`` is their share among people in France, in thousandths."""

    weight: int
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]


def _list(text: str) -> tuple[str, ...]:
    """One name a word; a low line stands for the space inside a name."""
    return tuple(name.replace("_", " ") for name in text.split())


_WOMEN = _list(
    """
    Adèle Agathe Agnès Alice Alix Amandine Amélie Anaïs Andréa Angélique Anne Anne-Laure
    Anne-Sophie Annick Apolline Ariane Armelle Audrey Aurélie Aurore Axelle Barbara Béatrice
    Bénédicte Bérénice Blandine Brigitte Camille Capucine Carole Caroline Catherine Cécile Céleste
    Céline Chantal Charlène Charlotte Chloé Christelle Christine Clara Clarisse Claire Claudine
    Clémence Clémentine Coline Constance Coralie Corinne Cyrielle Daphné Delphine Diane Dominique
    Dorothée Édith Éléonore Élisabeth Élise Ella Éloïse Elsa Émeline Émilie Emma Emmanuelle
    Estelle Ève Fabienne Fanny Flavie Flore Florence Floriane Françoise Frédérique Gabrielle
    Gaëlle Geneviève Ghislaine Gwenaëlle Héloïse Hélène Inès Irène Isabelle Jade Jeanne Jessica
    Joséphine Josiane Judith Julia Julie Juliette Justine Karine Laetitia Laura Laure Laurence
    Laurie Léa Léonie Lila Lise Lisa Lola Louise Louna Lucie Lucile Ludivine Lydie Maëlle Maëlys
    Magali Manon Marguerite Maria Marianne Marie Marie-Claude Marie-Hélène Marine Marion Marlène
    Martine Mathilde Maud Mélanie Mélina Mélissa Mireille Morgane Muriel Myriam Nadège Nadine
    Natacha Nathalie Nina Nicole Noémie Océane Odile Ophélie Pascale Patricia Pauline Perrine
    Prune Rachel Romane Rosalie Roxane Sabine Sabrina Salomé Sandra Sandrine Sarah Séverine
    Solange Solène Sophie Stella Stéphanie Suzanne Sylvie Tatiana Tiphaine Valentine Valérie
    Vanessa Véronique Victoire Violette Virginie Viviane Zélie Zoé
    """
)
_MEN = _list(
    """
    Adrien Alain Alban Alexandre Alexis André Antoine Antonin Armand Arnaud Arthur Augustin
    Aurélien Axel Baptiste Basile Bastien Benjamin Benoît Bernard Bertrand Boris Brice Bruno
    Camille Cédric Charles Christian Christophe Clément Cyril Damien Daniel David Denis Didier
    Dimitri Dominique Dylan Éloi Émile Émilien Emmanuel Enzo Éric Étienne Fabien Fabrice Félix
    Florent Florian Franck François Frédéric Gabriel Gaël Gaétan Gaspard Gauthier Geoffrey
    Georges Gérard Gilles Grégoire Grégory Guillaume Gustave Hadrien Henri Hervé Honoré Hubert
    Hugo Jacques Jean Jean-Baptiste Jean-Luc Jean-Marc Jean-Michel Jérémie Jérôme Joël Jonathan
    Jordan Joseph Jules Julien Kevin Laurent Léandre Léo Léon Lilian Loïc Louis Luc Lucas Lucien
    Ludovic Maël Marc Marceau Marcel Marius Martin Mathéo Mathias Mathieu Mathis Maurice Maxence
    Maxime Michaël Michel Mickaël Nathan Nicolas Noé Noël Octave Olivier Oscar Pascal Patrice
    Patrick Paul Philippe Pierre Quentin Raphaël Raymond Rémi Renaud René Richard Robin Roland
    Romain Romuald Samuel Sébastien Serge Simon Stéphane Sylvain Tanguy Théo Thibault Thierry
    Thomas Timothée Titouan Tom Tristan Valentin Victor Vincent Xavier Yann Yohan Yves
    """
)
_FAMILIES = _list(
    """
    Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefebvre
    Leroy Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau
    Vincent Muller Lefèvre Faure André Mercier Blanc Guérin Boyer Garnier Chevalier François
    Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry Roussel Mathieu Gautier
    Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun Blanchard
    Giraud Joly Rivière Lucas Brunet Gaillard Barbier Arnaud Martinez Gérard Roche Renard Schmitt
    Roy Leroux Colin Vidal Caron Picard Roger Fabre Aubert Lemoine Renaud Dumas Lacroix Olivier
    Philippe Bourgeois Pierre Benoît Rey Leclerc Payet Rolland Leclercq Guillaume Lecomte Lopez
    Jean Dupuy Guillot Hubert Berger Carpentier Sanchez Dupuis Moulin Louis Deschamps Huet Vasseur
    Perez Boucher Fleury Royer Klein Jacquet Adam Paris Poirier Marty Aubry Guyot Carré Charles
    Renault Charpentier Ménard Maillard Baron Bertin Bailly Hervé Schneider Fernandez Collet
    Léger Bouvier Julien Prévost Millet Perrot Daniel Cousin Germain Breton Besson Langlois Rémy
    Pelletier Lévêque Perrier Leblanc Barre Lebrun Marchal Weber Mallet Hamon Boulanger Jacob
    Monnier Michaud Rodriguez Guichard Gillet Étienne Grondin Poulain Tessier Chevallier Collin
    Chauvin Bouchet Gay Lemaître Bénard Maréchal Humbert Reynaud Antoine Hoarau Perret Barthélemy
    Cordier Pichon Lejeune Gilbert Lamy Delaunay Pasquier Carlier Laporte Buisson Coulon Ferrand
    Alexandre Guillou Tanguy Le_Goff Le_Gall Le_Roux Kerbrat Quéré Cadiou Jaouen Riou Prigent
    Etcheverry Etxeberria Harispe Irigoyen Duhalde Elissalde Casanova Santoni Colonna Paoli
    Luciani Mattei Giacomoni Vogel Schaeffer Zimmermann Keller Wagner Hoffmann Kieffer Ritter
    Vandamme Vermeersch Delattre Lesage Delcourt Wattel Bonnafous Cazals Puig Soler Delmas
    Lacombe Bousquet Castaing Labadie Dutilleul Bergeret Chabert Vallet Rochette Peyron Chazal
    Montagne Vernet Delorme Ravel Cottin Favre Bovet Jacquier Revol Tissot Gonin Berthet Duclos
    """
)

ORIGINS = (
    Origin(760, _WOMEN, _MEN, _FAMILIES),
    Origin(
        95,
        _list(
            """Amina Amel Asma Assia Chaïma Dounia Fatima Farah Hafsa Hanane Houda Imane Ikram
            Inaya Karima Khadija Kenza Leïla Lina Malika Maryam Meriem Nadia Naïma Nora Ouarda
            Rania Rim Safia Salima Samira Sana Siham Sofia Sonia Souad Soumaya Warda Yamina
            Yasmine Zineb Zohra"""
        ),
        _list(
            """Adel Ahmed Amine Anis Ayoub Bilal Brahim Djamel Farid Hakim Hamza Hichem Idriss
            Ilyès Ismaël Kamel Karim Khalid Mehdi Mohamed Mounir Mourad Nabil Nassim Omar Othman
            Rachid Rayan Redouane Réda Riad Saïd Salim Samir Sofiane Tarek Walid Yacine Younès
            Yanis Youssef Zakaria"""
        ),
        _list(
            """Abdallah Aït-Ahmed Amrani Aouad Belkacem Ben_Salem Benali Benmoussa Bennani
            Berrada Bouazza Boudjemaa Boukhari Bouzid Chaoui Cherif Djebbar El_Amrani El_Idrissi
            Fassi Ferhat Gharbi Guessoum Haddad Hamdi Hamidi Idir Jaziri Kaci Khelifi Lahlou Larbi
            Mansouri Meziane Mokrani Naceri Ouali Rahmani Saïdi Slimani Tazi Trabelsi Yahiaoui
            Zeroual Ziani Zouaoui"""
        ),
    ),
    Origin(
        45,
        _list(
            """Adama Aïcha Aïssatou Aminata Awa Assetou Binta Bintou Coumba Dado Djénéba Fanta
            Fatou Fatoumata Grâce Hawa Kadiatou Khady Mariam Marème Nafissatou Oumou Ramata
            Rokhaya Salimata Sira Sokhna Yacine"""
        ),
        _list(
            """Abdoulaye Adama Alassane Aliou Amadou Bakary Boubacar Cheikh Daouda Demba Emmanuel
            Ibrahima Idrissa Issa Lamine Mamadou Moussa Ousmane Oumar Saliou Samba Seydou
            Souleymane Thierno Yaya"""
        ),
        _list(
            """Ba Bah Baldé Camara Cissé Coulibaly Dembélé Diaby Diagne Diakité Diallo Diarra Diop
            Diouf Fall Faye Fofana Gaye Gueye Kaba Kanté Keïta Konaté Koné Kouyaté Mbaye Ndiaye
            Niang Ouattara Sall Sanogo Sarr Seck Sow Sy Sylla Thiam Touré Traoré Wade Yao Kouassi
            Koffi Mbemba Makaya Nkosi Ngoma Tchoumi Fotso Kamga"""
        ),
    ),
    Origin(
        40,
        _list(
            """Ana Ângela Beatriz Carla Carmen Catarina Clara Dolores Elena Esperança Fernanda
            Filipa Inês Isabel Joana Lidia Lourdes Luísa Mafalda Maria Marisol Marta Mónica Paula
            Pilar Raquel Rosa Sandra Sílvia Sofia Susana Teresa"""
        ),
        _list(
            """Alberto Alvaro Ángel António Carlos Diego Diogo Eduardo Fernando Filipe Francisco
            Helder Javier João Joaquim Jorge José Luís Manuel Marco Miguel Nuno Paulo Pedro
            Rafael Ricardo Rui Sérgio Tiago"""
        ),
        _list(
            """Almeida Alvarez Alves Antunes Azevedo Barbosa Cardoso Carvalho Castro Correia Costa
            Cruz Da_Costa Da_Silva Dias Domingues Dos_Santos Esteves Fernandes Ferreira Figueiredo
            Fonseca Gomes Gonçalves Gonzalez Gutierrez Hernandez Jimenez Lima Lopes Machado
            Marques Martins Mendes Molina Monteiro Morales Moreno Navarro Neves Nunes Oliveira
            Ortega Ortiz Pereira Pinto Pires Ramos Ribeiro Rocha Rodrigues Romero Ruiz Santos
            Silva Soares Sousa Tavares Teixeira Torres Vaz Vieira"""
        ),
    ),
    Origin(
        20,
        _list(
            """Alessia Angela Antonella Bianca Carla Chiara Elena Federica Francesca Giulia Ilaria
            Laura Lucia Mariella Paola Rosanna Silvia Stefania Valentina"""
        ),
        _list(
            """Alessandro Andrea Bruno Dario Enrico Fabio Franco Giovanni Lorenzo Luca Marco Mario
            Matteo Paolo Pietro Roberto Sandro Stefano Vito"""
        ),
        _list(
            """Amato Barbieri Bianchi Bruni Caruso Colombo Conti D'Angelo De_Luca De_Santis
            Esposito Ferrari Fontana Galli Giordano Greco Leone Lombardi Mancini Marchetti Marino
            Martini Mazza Moretti Orlando Parisi Pellegrini Ricci Rinaldi Rizzo Romano Rossi
            Russo Santoro Serra Valentini Vitale"""
        ),
    ),
    Origin(
        12,
        _list(
            """Agnieszka Alicja Daria Ewa Galina Halina Irina Iryna Jadwiga Joanna Katarzyna
            Ksenia Ludmila Magdalena Małgorzata Natalia Oksana Olena Olga Svetlana Tatiana Wanda
            Yulia Zofia"""
        ),
        _list(
            """Adam Aleksander Andriy Bogdan Dmitri Grzegorz Igor Ivan Jan Krzysztof Maciej Marek
            Mykola Oleg Paweł Piotr Serhiy Stanislas Tomasz Viktor Wojciech Yuri"""
        ),
        _list(
            """Bondarenko Dąbrowski Dudek Grabowski Horvat Ivanov Jankowski Kaczmarek Kowalski
            Kovalenko Kozlov Kravtchenko Lewandowski Lysenko Marković Mazur Melnyk Moroz Novak
            Nowak Nowicki Pavlenko Pawlak Petrović Popescu Popov Rutkowski Shevchenko Sikora
            Sobczak Sokolov Tkachenko Wojcik Zając Zielinski"""
        ),
    ),
    Origin(
        12,
        _list(
            """Ayşe Aylin Burcu Derya Elif Emine Esra Fatma Gizem Hatice Melek Merve Nur Özlem
            Selin Sibel Yeliz Zeynep Ani Araxie Lusine Nare Sirarpi Talar"""
        ),
        _list(
            """Ahmet Ali Bülent Can Deniz Emre Hakan Hasan Kemal Levent Mehmet Murat Onur Selim
            Serkan Yusuf Aram Ara Hagop Haïk Sarkis Vartan"""
        ),
        _list(
            """Akgün Aksoy Arslan Aydın Bulut Çelik Demir Doğan Erdoğdu Güler Kaplan Kaya Kılıç
            Koç Öztürk Polat Şahin Yıldız Yılmaz Avakian Boyadjian Donabédian Garabédian
            Hagopian Kévorkian Manoukian Papazian Sarkissian Terzian Zakarian"""
        ),
    ),
    Origin(
        12,
        _list(
            """Anh Chau Hoa Huong Kim Lan Linh Mai Mei My Ngoc Phuong Quyên Souphavanh Thanh Thi
            Thuy Tuyet Vanny Xuan Yến Ying"""
        ),
        _list(
            """Anh Bao Binh Duc Dung Hai Hung Khanh Long Minh Nam Phong Quang Sokha Son Tai Thanh
            Tuan Viet Wei Xiang"""
        ),
        _list(
            """Bui Chau Chen Chhim Dang Dinh Do Duong Ho Hoang Huynh Lam Le Ly Nguyen Ngo Pham Phan
            Phommachanh Sok Tang Tran Trinh Truong Vo Vu Wang Wong Wu Xiong Yang Zhang Zhou"""
        ),
    ),
    Origin(
        4,
        _list("Anjali Devi Indira Kavitha Lakshmi Meena Nirmala Priya Shanti Sita Usha Vani"),
        _list("Anand Arjun Ganesh Kumar Mohan Nadarajah Rajan Ravi Selvan Suresh Vijay"),
        _list(
            """Appavou Arumugam Balakrishnan Chinnappan Govindin Krishnan Moutoussamy Nagalingam
            Narayanin Ramassamy Rajaratnam Selvarajah Sinnatamby Sivakumar Virapin Vaïtilingom"""
        ),
    ),
)


def folded(text: str) -> str:
    """Lower case without accents, words apart by one space."""
    return " ".join(plain(text).split())
