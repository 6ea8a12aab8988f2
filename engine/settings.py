"""Typed settings, from `BANSOU_*` variables or a file: the only reader of the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class Settings(BaseSettings):
    """Every setting of an installation. Each has a default that works with nothing configured."""

    model_config = SettingsConfigDict(
        env_prefix="BANSOU_", extra="ignore", frozen=True, toml_file="bansou.toml"
    )

    database: str = Field(
        default="sqlite:///var/bansou.db",
        description="保存先（SQLAlchemy の URL）/ Where the store is: an SQLAlchemy URL.",
    )
    key_file: Path = Field(
        default=Path("var/keys/master.key"),
        description="個人情報を守る鍵のファイル / The file of the master key that wraps every case's own key.",
    )
    lang: Literal["ja", "en"] = Field(default="ja", description="表示の言語 / The language of what is shown.")
    sweep_seconds: int = Field(
        default=30,
        ge=1,
        le=3600,
        description="時計が必ず動く間隔（秒）/ The clock ticks at least this often, in seconds.",
    )
    notice_folder: Path | None = Field(
        default=None,
        description="お知らせをファイルに書き出すフォルダー / Notices are also written to files in this folder.",
    )
    closures: Path | None = Field(
        default=None, description="自治体独自の閉庁日のファイル / A file of the municipality's own closures."
    )
    batch_cases: int = Field(
        default=100,
        ge=1,
        le=2000,
        description="一度に書き込むケース数 / Cases that the clock writes in one transaction.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let what is given win over the environment, and the environment over `bansou.toml`."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)
