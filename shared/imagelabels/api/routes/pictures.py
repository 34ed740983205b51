"""Routes about pictures: pages of them, their counts, and words to ask with."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Request
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from imagelabels.api.here import here
from imagelabels.api.models import AskedCounts, AskedPictures, CountsForm, PicturesPage, WordsForm
from imagelabels.api.problems import understood
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.usecases import gallery
from imagelabels.views.exports import picture_json
from imagelabels.views.forms import counts_json

router = Router()  # type: ignore[no-untyped-call]
"""The routes of this module."""

Language = Literal["en", "zh-Hans"]


@router.get("/v1/pictures", summary="Find pictures", tags=["pictures"])
def pictures(asked: Annotated[AskedPictures, Query()], request: Request) -> PicturesPage:
    """Return a page of the pictures that match."""
    at = here(request)
    with understood():
        order: Any = asked.order
        page, hints = gallery.pictures(at.services.gallery, asked.question(), at.within, order, asked.limit, asked.page)
    taxonomy = at.services.gallery.words.taxonomy
    forms = [picture_json(record, taxonomy) for record in page.records]
    return PicturesPage.model_validate({"pictures": forms, "next": page.next, "hints": list(hints)})


@router.get("/v1/counts", summary="Count pictures", tags=["pictures"])
def counts(asked: Annotated[AskedCounts, Query()], request: Request) -> CountsForm:
    """Count the pictures that match. The count of a facet is that of the same question with label==ID added."""
    at = here(request)
    with understood():
        facets = gallery.counts(at.services.gallery, asked.question(), at.within, asked.facets)
    taxonomy = at.services.gallery.words.taxonomy
    form = counts_json(facets.counts)
    return CountsForm.model_validate(
        {name: form[name] for name in ("total", "by_state", "by_reason", "by_note")}
        | {"labels": _facets(facets.labels, taxonomy), "categories": _facets(facets.categories, taxonomy)}
        | {"hints": list(facets.hints)}
    )


@router.get("/v1/labels", summary="Complete a word", tags=["labels"])
def labels(
    request: Request,
    q: Annotated[str, Query(max_length=100, description="What was typed so far, in either language.")] = "",
    language: Annotated[Language, Query(description="Of `name`.")] = "en",
    limit: Annotated[int, Query(ge=1, le=1000, description="At most so many words.")] = 20,
) -> WordsForm:
    """Return the labels that what was typed may become."""
    words = gallery.completions(here(request).services.gallery.words, q, language, limit)
    forms = [
        {"id": word.id, "name": word.name, "names": word.names, "level": word.level, "category_id": word.category_id}
        for word in words
    ]
    return WordsForm.model_validate({"labels": forms})


def _facets(counted: dict[str, int], taxonomy: Taxonomy) -> list[dict[str, Any]]:
    return [
        {
            "id": label_id,
            "name": taxonomy.name(label_id, "en") or label_id.partition(":")[2] or label_id,
            "count": count,
        }
        for label_id, count in counted.items()
    ]
