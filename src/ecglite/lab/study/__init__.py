"""The published study on any database: networks x folds x seeds, baselines, costs, tables, figures.

One file per step: what is studied (`description`), on which records (`plan`), one unit of work (`unit`), where the
units run (`engine`), what the networks cost (`costs`), what came out (`results`), how it is shown (`figures`,
`report`).
"""
