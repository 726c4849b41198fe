"""The services that are asked: where they are, how often they may be asked, and which key belongs to them.

Each base address can be set in the environment (`SCREENER_PUBMED_URL`), for a mirror or a test: the documented paths are
appended to it, the first part of them (`/entrez/eutils`) unless the address has it already. Rates are those that the services state in their documentation for who has no agreement with them.
"""

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

RATE = "SCREENER_REQUESTS_PER_SECOND"
"""The environment variable that sets another number of requests a second, for every service."""


@dataclass(frozen=True)
class Service:
    """A web service: its name, host, what all its paths begin with, and the requests a second it allows without a key."""

    name: str
    host: str
    root: str
    per_second: float
    key_name: str = ""
    """The environment variable of its key."""
    per_second_with_key: float | None = None
    title: str = ""
    """What people call it, where that is not its name."""

    @property
    def setting(self) -> str:
        """Return the environment variable that sets another base address."""
        return f"SCREENER_{self.name}_URL"

    @property
    def base(self) -> str:
        """Return what the paths are appended to, without a slash at its end."""
        base = (os.environ.get(self.setting) or self.host).rstrip("/")
        return base if base.endswith(self.root) else base + self.root

    @property
    def key(self) -> str:
        """Return the key from the environment; empty where there is none."""
        return os.environ.get(self.key_name, "").strip() if self.key_name else ""

    @property
    def rate(self) -> float:
        """Return the requests a second that are sent at most; `RATE` sets another number."""
        try:
            return max(float(os.environ[RATE]), 0.001)
        except (KeyError, ValueError):
            return (self.per_second_with_key or self.per_second) if self.key else self.per_second

    def url(self, path: str) -> str:
        """Return the address of a documented path."""
        return f"{self.base}/{path.lstrip('/')}"


PUBMED = Service("PUBMED", "https://eutils.ncbi.nlm.nih.gov", "/entrez/eutils", 3, "NCBI_API_KEY", 10, title="PubMed")
DBLP = Service("DBLP", "https://dblp.org", "/search/publ", 1)
HUGGING_FACE = Service("HUGGINGFACE", "https://huggingface.co", "", 2, "HF_TOKEN", 3, title="Hugging Face")
GITHUB = Service("GITHUB", "https://api.github.com", "", 1, "GITHUB_TOKEN", title="GitHub")
"""Without a key it allows 60 requests an hour, with one 5,000; its answers say what is left."""
ZENODO = Service("ZENODO", "https://zenodo.org", "/api", 0.5, "ZENODO_TOKEN", title="Zenodo")
OPENALEX = Service("OPENALEX", "https://api.openalex.org", "", 10, "OPENALEX_API_KEY", title="OpenAlex")
CROSSREF = Service("CROSSREF", "https://api.crossref.org", "", 1, title="Crossref")
"""Lists are allowed once a second, three times with an address; its answers say so, and the client keeps to it."""
EUROPE_PMC = Service("EUROPEPMC", "https://www.ebi.ac.uk", "/europepmc/webservices/rest", 10, title="Europe PMC")
ARXIV = Service("ARXIV", "https://export.arxiv.org", "/api", 0.33, title="arXiv")
UNPAYWALL = Service("UNPAYWALL", "https://api.unpaywall.org", "/v2", 10, title="Unpaywall")
CLINICAL_TRIALS = Service("CLINICALTRIALS", "https://clinicaltrials.gov", "/api/v2", 0.8, title="ClinicalTrials.gov")
PMC = Service("PMC", "https://www.ncbi.nlm.nih.gov", "/pmc/utils/oa", 3, title="PubMed Central")
PMC_CLOUD = Service("PMC_CLOUD", "https://pmc-oa-opendata.s3.amazonaws.com", "", 5, title="PubMed Central")
"""The files of PubMed Central one by one, where its packages were before 2026."""
ARXIV_PDF = Service("ARXIV_PDF", "https://arxiv.org", "/pdf", 0.33, title="arXiv")
SEMANTIC_SCHOLAR = Service(
    "SEMANTICSCHOLAR",
    "https://api.semanticscholar.org",
    "/graph/v1",
    0.3,
    "SEMANTIC_SCHOLAR_API_KEY",
    1,
    title="Semantic Scholar",
)
"""Who has no key shares what it allows with everybody else who has none."""
OPENREVIEW = Service("OPENREVIEW", "https://api2.openreview.net", "", 1, title="OpenReview")
OPENREVIEW_1 = Service("OPENREVIEW1", "https://api.openreview.net", "", 1, title="OpenReview")
"""Papers of venues before 2023 or so."""
PMLR = Service("PMLR", "https://proceedings.mlr.press", "", 1)
NEURIPS = Service("NEURIPS", "https://papers.nips.cc", "", 1, title="NeurIPS")
CVF = Service("CVF", "https://openaccess.thecvf.com", "", 1)
ACL = Service("ACL", "https://aclanthology.org", "", 1)
AAAI = Service("AAAI", "https://ojs.aaai.org", "", 0.5)


def host_service(url: str) -> Service:
    """Return the host of an address as a service of its own, which is asked at most once a second."""
    parts = urlsplit(url)
    return Service(parts.netloc, f"{parts.scheme}://{parts.netloc}", "", 1)
