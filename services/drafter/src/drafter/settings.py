"""What an operator can set for drafter; every name begins with KINAMIK_ in the environment."""

from pydantic import SecretStr

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """`llm_base_url`, `llm_api_key` and `llm_model` name an OpenAI-compatible endpoint; without a URL drafts come
    from the knowledge alone. `llm_timeout` bounds one call, `llm_deadline` all calls for one mail, in seconds.
    `concurrency` is how many mails one process works on at the same time.
    """

    port: int = 8082
    concurrency: int = 600
    llm_base_url: str = ""
    llm_api_key: SecretStr = SecretStr("")
    llm_model: str = ""
    llm_timeout: float = 60.0
    llm_deadline: float = 150.0
