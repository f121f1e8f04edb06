"""Names and words of the made-up meetings."""

from __future__ import annotations

COLOURS = (
    "#332288",
    "#CC6677",
    "#88CCEE",
    "#DDCC77",
    "#117733",
    "#999933",
    "#661100",
    "#44AA99",
    "#882255",
    "#AA4499",
)
GROUPS = (
    "Hol",
    "Ål",
    "Hemsedal",
    "Gol",
    "Nesbyen",
    "Flå",
    "Krødsherad",
    "Sigdal",
    "Modum",
    "Nore og Uvdal",
    "Rollag",
    "Ringerike",
)
STATEMENTS = (
    "Vi held det vi lovar kvarandre",
    "Vi unner kvarandre nye arbeidsplassar",
    "Eg kan seie kva eg meiner i Hallingtinget",
    "Når vi er usamde, finn vi ei løysing",
    "Vi seier frå i tide når noko ikkje går",
    "Avtalane våre er klare nok",
    "Vi snakkar med kvarandre før vi går til avisa",
    "Alle kommunane tek sin del av arbeidet",
)
THEMES = (
    "Breiband og mobildekning",
    "Ringeriksbanen",
    "Reiseliv som éin region",
    "Lærlingplassar i alle kommunane",
    "Hallingdal sjukestugu",
    "Buss på kveld og helg",
    "Høgskuletilbod i dalen",
    "Felles byggesak",
    "Kulturskule på tvers",
    "Ladestasjonar",
    "Stidata og kart",
    "Innkjøp saman",
)
LONG = (
    "Vi seier det vi meiner til kvarandre, også når dei som leier oss ikkje er heilt samde, og det som blir "
    "sagt, blir teke på alvor av alle kommunane i dalen gjennom heile perioden, også etter neste val, og vel "
    "så det"
)
