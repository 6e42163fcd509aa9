//! The parts of a row of the table, and the table as text.

use crate::recording::version::SdkVersion;

/// A class of the SDK: its fields in order.
#[derive(Debug)]
pub(crate) struct Model {
    pub(super) fields: &'static [Field],
}

/// A field of a class.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: FieldKind,
    /// Declared `Optional[...]`: null is fine, and the SDK validates the value as a whole before it constructs it.
    pub(crate) optional: bool,
    pub(super) since: Option<SdkVersion>,
    /// The first version without the row.
    pub(super) until: Option<SdkVersion>,
}

/// The declared type of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FieldKind {
    Text,
    Int,
    Float,
    Truth,
    /// One of a few texts.
    Literal(&'static [&'static str]),
    Object(&'static Model),
    List(&'static FieldKind),
    /// An object with any keys and values of one type.
    Map(&'static FieldKind),
    /// One of several classes, told apart by the text in their field `type`.
    Union(&'static [(&'static str, &'static Model)]),
}

impl Field {
    pub(super) const fn since(self, version: SdkVersion) -> Self {
        Field { since: Some(version), ..self }
    }

    pub(super) const fn until(self, version: SdkVersion) -> Self {
        Field { until: Some(version), ..self }
    }

    fn is_in(&self, version: SdkVersion) -> bool {
        self.since.is_none_or(|since| since <= version) && self.until.is_none_or(|until| version < until)
    }
}

impl Model {
    /// The fields that a version of the SDK declares.
    pub(crate) fn fields(&self, version: SdkVersion) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().filter(move |field| field.is_in(version))
    }

    /// A line for the class, and those of the classes in it. `place` is where it stands in an answer.
    pub(super) fn describe(&self, place: &str, version: SdkVersion, lines: &mut Vec<String>) {
        let mut row = place.to_owned();
        for field in self.fields(version) {
            let mark = if field.optional { "?" } else { "" };
            row += &format!(" {}{mark}:{}", field.name, field.kind.name());
        }
        lines.push(row);
        for field in self.fields(version) {
            field.kind.describe(&format!("{place}.{}", field.name), version, lines);
        }
    }
}

impl FieldKind {
    fn name(self) -> String {
        match self {
            FieldKind::Text => "str".to_owned(),
            FieldKind::Int => "int".to_owned(),
            FieldKind::Float => "float".to_owned(),
            FieldKind::Truth => "bool".to_owned(),
            FieldKind::Literal(texts) => texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join("|"),
            FieldKind::Object(_) => "object".to_owned(),
            FieldKind::List(inner) => format!("[{}]", inner.name()),
            FieldKind::Map(inner) => format!("{{{}}}", inner.name()),
            FieldKind::Union(variants) => vec!["object"; variants.len()].join("|"),
        }
    }

    fn describe(self, place: &str, version: SdkVersion, lines: &mut Vec<String>) {
        match self {
            FieldKind::Object(model) => model.describe(place, version, lines),
            FieldKind::List(inner) => inner.describe(&format!("{place}[]"), version, lines),
            FieldKind::Union(variants) => {
                for (tag, model) in variants {
                    model.describe(&format!("{place}<{tag}>"), version, lines);
                }
            }
            FieldKind::Text
            | FieldKind::Int
            | FieldKind::Float
            | FieldKind::Truth
            | FieldKind::Literal(_)
            | FieldKind::Map(_) => {}
        }
    }
}
