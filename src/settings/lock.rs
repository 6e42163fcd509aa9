//! Versions of packages in lock files, requirements, the metadata of a project, and the names of installed packages.

use crate::recording::version::Version;

/// A package that matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Package {
    /// `ogx`, or `llama-stack` as it was called before.
    Ogx,
    /// `openai`.
    OpenAi,
}

impl Package {
    /// The package of a distribution, by its name in any spelling that PEP 503 takes for the same.
    fn of(name: &str) -> Option<Package> {
        let lower = name.trim().to_ascii_lowercase();
        let parts: Vec<&str> = lower.split(['-', '_', '.']).filter(|part| !part.is_empty()).collect();
        match parts.join("-").as_str() {
            "ogx" | "llama-stack" => Some(Package::Ogx),
            "openai" => Some(Package::OpenAi),
            _ => None,
        }
    }
}

/// Versions that one source names. Of several versions of one package the highest counts: a lock file has one for each
/// environment, and recordings are made with the newest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// Of OGX.
    pub ogx: Option<Version>,
    /// Of the openai SDK.
    pub openai: Option<Version>,
}

impl Versions {
    fn add(&mut self, name: &str, version: &str) {
        let (Some(package), Ok(version)) = (Package::of(name), version.parse::<Version>()) else { return };
        let slot = match package {
            Package::Ogx => &mut self.ogx,
            Package::OpenAi => &mut self.openai,
        };
        *slot = (*slot).max(Some(version));
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.ogx.is_none() && self.openai.is_none()
    }
}

/// `uv.lock`, `poetry.lock`, `pdm.lock`: a `[[package]]` table for each package. A text that is not TOML names nothing.
pub fn packages(text: &str) -> Versions {
    let mut versions = Versions::default();
    let Ok(table) = text.parse::<toml::Table>() else { return versions };
    let packages = table.get("package").and_then(toml::Value::as_array);
    for package in packages.into_iter().flatten() {
        let text = |key: &str| package.get(key).and_then(toml::Value::as_str);
        if let (Some(name), Some(version)) = (text("name"), text("version")) {
            versions.add(name, version);
        }
    }
    versions
}

/// `requirements*.txt`: lines such as `openai[x]==2.30.0 ; marker --hash=…`. Only `==` and `===` of a whole version count:
/// a range says what may be installed, not what is.
pub fn requirements(text: &str) -> Versions {
    let mut versions = Versions::default();
    let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
    for line in joined.lines() {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if !line.starts_with(['#', '-']) {
            pinned(line, &mut versions);
        }
    }
    versions
}

fn pinned(requirement: &str, versions: &mut Versions) {
    let requirement = requirement.split(';').next().unwrap_or_default();
    let end = requirement.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(requirement.len());
    let (name, mut rest) = requirement.split_at(end);
    rest = rest.trim_start();
    if let Some(extras) = rest.strip_prefix('[') {
        rest = extras.split_once(']').map_or("", |(_, rest)| rest).trim_start();
    }
    // Metadata of packages has parentheses around its specifiers.
    rest = rest.trim_start_matches('(');
    let specifiers = rest.split(" --").next().unwrap_or_default().trim_end_matches([' ', ')']);
    for specifier in specifiers.split(',') {
        let specifier = specifier.trim();
        if let Some(version) = specifier.strip_prefix("===").or_else(|| specifier.strip_prefix("==")) {
            versions.add(name, version);
        }
    }
}

/// What `pyproject.toml` tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pyproject {
    /// The version of the project itself, if it is OGX.
    pub own: Option<Version>,
    /// What its dependencies pin.
    pub pinned: Versions,
    /// Ranges of the two packages, such as `ogx>=1.2`: they name no version.
    pub ranges: Vec<String>,
}

/// `pyproject.toml`: the project's own version if it is OGX, and its dependencies in the forms of PEP 621, PEP 735, uv,
/// PDM and Poetry.
pub fn project(text: &str) -> Pyproject {
    let mut found = Pyproject::default();
    let Ok(table) = text.parse::<toml::Table>() else { return found };
    let poetry = table.get("tool").and_then(|tool| tool.get("poetry"));
    for own in [table.get("project"), poetry].into_iter().flatten() {
        let text = |key: &str| own.get(key).and_then(toml::Value::as_str);
        if let (Some(Package::Ogx), Some(version)) = (text("name").and_then(Package::of), text("version")) {
            found.own = version.parse().ok();
        }
    }
    let project = table.get("project");
    let mut lists: Vec<&toml::Value> = project.and_then(|project| project.get("dependencies")).into_iter().collect();
    let uv = table.get("tool").and_then(|tool| tool.get("uv")).and_then(|uv| uv.get("dev-dependencies"));
    lists.extend(uv);
    let pdm = table.get("tool").and_then(|tool| tool.get("pdm")).and_then(|pdm| pdm.get("dev-dependencies"));
    let optional = project.and_then(|project| project.get("optional-dependencies"));
    for groups in [optional, table.get("dependency-groups"), pdm].into_iter().flatten() {
        lists.extend(groups.as_table().into_iter().flat_map(toml::Table::values));
    }
    for requirement in lists.into_iter().filter_map(toml::Value::as_array).flatten().filter_map(toml::Value::as_str) {
        found.require(requirement);
    }
    let groups = poetry.and_then(|poetry| poetry.get("group")).and_then(toml::Value::as_table);
    let poetry_tables = groups.into_iter().flat_map(toml::Table::values).chain(poetry);
    for dependencies in poetry_tables.filter_map(|group| group.get("dependencies")?.as_table()) {
        for (name, value) in dependencies {
            let version = value.as_str().or_else(|| value.get("version")?.as_str());
            // Poetry's `^1.2` and `1.2` are a range and a version.
            let Some(version) = version else { continue };
            let is_exact = version.starts_with(|c: char| c.is_ascii_digit());
            found.require(&if is_exact { format!("{name}=={version}") } else { format!("{name}{version}") });
        }
    }
    found
}

impl Pyproject {
    fn require(&mut self, requirement: &str) {
        let before = self.pinned;
        let mut own = Versions::default();
        pinned(requirement, &mut own);
        self.pinned = Versions { ogx: before.ogx.max(own.ogx), openai: before.openai.max(own.openai) };
        let end = requirement.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
        if own.is_empty() && Package::of(&requirement[..end.unwrap_or(requirement.len())]).is_some() && end.is_some() {
            self.ranges.push(requirement.split(';').next().unwrap_or_default().trim().to_owned());
        }
    }
}

/// The folders of `site-packages`: `openai-2.30.0.dist-info`.
pub fn installed<'a>(folders: impl Iterator<Item = &'a str>) -> Versions {
    let mut versions = Versions::default();
    for folder in folders {
        if let Some((name, version)) = folder.strip_suffix(".dist-info").and_then(|folder| folder.split_once('-')) {
            versions.add(name, version);
        }
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(ogx: Option<(u32, u32, u32)>, openai: Option<(u32, u32, u32)>) -> Versions {
        let version = |(major, minor, patch)| Version::new(major, minor, patch);
        Versions { ogx: ogx.map(version), openai: openai.map(version) }
    }

    #[test]
    fn lock_files_name_versions() {
        for (text, expected) in [
            (
                "version = 1\nrequires-python = '>=3.12'\n[[package]]\nname = 'ogx'\nversion = '1.5.0'\nsource = { registry = \
                 'https://pypi.org/simple' }\n[[package]]\nname = 'openai'\nversion = '3.57.0'\n[[package]]\nname = \
                 'ogx-client'\nversion = '9.0.0'\n[[package]]\nname = 'ogx-api'\nversion = '8.0.0'\n",
                versions(Some((1, 5, 0)), Some((3, 57, 0))),
            ),
            ("[[package]]\nname = 'llama_stack'\nversion = '0.7.1.dev3'\n", versions(Some((0, 7, 1)), None)),
            (
                "[[package]]\nname = 'openai'\nversion = '2.5.0'\nresolution-markers = ['a']\n[[package]]\nname = 'openai'\n\
                 version = '2.30.0'\n",
                versions(None, Some((2, 30, 0))),
            ),
            // A project without a fixed version has none in uv.lock.
            ("[[package]]\nname = 'ogx'\nsource = { editable = '.' }\n", versions(None, None)),
            ("[[package]\nname = 'ogx'", versions(None, None)),
            ("", versions(None, None)),
        ] {
            assert_eq!(packages(text), expected, "{text}");
        }
    }

    #[test]
    fn requirements_name_versions_only_when_pinned() {
        for (text, expected) in [
            ("ogx==1.5.0\nopenai===3.57.0\n", versions(Some((1, 5, 0)), Some((3, 57, 0)))),
            ("OpenAI[datalib, aiohttp] == 2.30.0 ; python_version >= '3.12'\n", versions(None, Some((2, 30, 0)))),
            ("openai==2.30.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n", versions(None, Some((2, 30, 0)))),
            ("openai==2.5.0\nopenai==2.30.0 # newer\n", versions(None, Some((2, 30, 0)))),
            ("# openai==2.5.0\n-r other.txt\n-e .\nogx>=1.2\nopenai~=3.0\nopenai!=3.1.0\n", versions(None, None)),
            (
                "ogx-client==1.0.0\nllama-stack-client==0.7.0\nopenai-agents==1.0.0\nmy.openai==1.0.0",
                versions(None, None),
            ),
            ("openai==2.*\nopenai @ https://example.org/openai-2.5.0.whl\n", versions(None, None)),
            ("llama.stack==0.7.2", versions(Some((0, 7, 2)), None)),
        ] {
            assert_eq!(requirements(text), expected, "{text}");
        }
    }

    #[test]
    fn a_project_names_itself_and_what_it_pins() {
        let found = project("[project]\nname = 'llama_stack'\nversion = '0.7.2'\ndependencies = ['openai>=2.5.0']\n");
        assert_eq!(found.own, Some(Version::new(0, 7, 2)));
        assert_eq!((found.pinned, found.ranges), (Versions::default(), vec!["openai>=2.5.0".to_owned()]));
        for text in [
            "[project]\nname = 'mine'\nversion = '4.0.0'\ndependencies = ['ogx==1.5.0', 'ogx-client>=1']\n",
            "[project.optional-dependencies]\ntest = ['ogx[starter] == 1.5.0']\n",
            "[dependency-groups]\ntest = ['ogx==1.5.0', {include-group = 'x'}]\n",
            "[tool.uv]\ndev-dependencies = ['ogx==1.5.0']\n",
            "[tool.pdm.dev-dependencies]\ntest = ['ogx==1.5.0']\n",
            "[tool.poetry.dependencies]\nogx = '1.5.0'\n",
            "[tool.poetry.group.dev.dependencies]\nogx = { version = '==1.5.0', extras = ['a'] }\n",
        ] {
            let found = project(text);
            assert_eq!(found.pinned, versions(Some((1, 5, 0)), None), "{text}");
            assert_eq!((found.own, found.ranges), (None, vec![]), "{text}");
        }
        assert_eq!(project("[tool.poetry.dependencies]\nogx = '^1.2'\n").ranges, ["ogx^1.2"]);
        assert_eq!(project("not = toml = "), Pyproject::default());
    }

    #[test]
    fn installed_packages_name_versions() {
        let folders =
            ["ogx-1.5.0.dist-info", "openai-3.57.0.dist-info", "ogx_client-2.0.0.dist-info", "openai", "ogx-1.6.0"];
        assert_eq!(installed(folders.into_iter()), versions(Some((1, 5, 0)), Some((3, 57, 0))));
    }
}
