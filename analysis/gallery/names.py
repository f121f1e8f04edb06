"""Names and words of the made-up meetings."""

from __future__ import annotations

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
TASKS = (
    "Byggesak",
    "Barnevern",
    "Legevakt",
    "IKT og arkiv",
    "Reiseliv og marknadsføring",
    "Brann og redning",
    "Kulturskule",
    "Vatn og avløp",
)
THINGS = (
    "Legevakta på Ål",
    "Felles skatteoppkrevjar",
    "Hallingdal renovasjon",
    "Vidaregåande skule i dalen",
    "Samarbeidet om flaumen i 2023",
    "Sykkelruta langs elva",
    "Festivalen",
    "Felles innkjøp",
)
QUALITIES = (
    "Held fristar",
    "Svarer når vi spør",
    "Deler det dei veit",
    "Tek sin del",
    "Seier frå i tide",
    "Tenkjer på heile dalen",
)
REASONS = (
    "Alle fekk noko ut av det.",
    "Det byrja i det små, med to kommunar, og dei andre kom med då dei såg at det gjekk.",
    "Korte vegar og kjende folk.",
    "",
)
