"""All records of a dataset on the server, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from review.argilla.server import PAGE, ArgillaServer
from review.argilla.server_records import ServerRecord


def all_pages(server: ArgillaServer, dataset_id: str, progress: Callable[[int, int], None]) -> Iterator[list[ServerRecord]]:
    """No record twice. The next page is asked for while the last one is worked on.

    The server sorts by the time of insertion alone and counts pages by offset: what is deleted meanwhile shifts what follows,
    so records can be missing. Who needs all asks for those one by one.
    """
    seen: set[str] = set()
    with ThreadPoolExecutor(1, "argilla page") as ahead:
        coming = ahead.submit(server.records_from, dataset_id, 0, PAGE)
        for offset in count(PAGE, PAGE):
            found, total = coming.result()
            is_last = len(found) < PAGE or offset >= total
            if not is_last:
                coming = ahead.submit(server.records_from, dataset_id, offset, PAGE)
            new = [record for record in found if record.id not in seen]
            seen.update(record.id for record in new)
            progress(min(len(seen), total), total)
            yield new
            if is_last or not new:
                return


def all_records(server: ArgillaServer, dataset_id: str, progress: Callable[[int, int], None]) -> Iterator[ServerRecord]:
    for page in all_pages(server, dataset_id, progress):
        yield from page
