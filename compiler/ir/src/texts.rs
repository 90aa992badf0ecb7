//! File and function names that locations refer to, interned: a location is a few words, and comparing two compares numbers.

use crate::entities::Text;
use cranelift_entity::{EntityRef, PrimaryMap};
use rustc_hash::FxHashMap;
use std::ops::Index;
use std::sync::Arc;

/// The texts of a program. [`Text::EMPTY`] is always there.
#[derive(Clone, Debug)]
pub struct Texts {
    texts: PrimaryMap<Text, Arc<str>>,
    ids: FxHashMap<Arc<str>, Text>,
    /// Asked for last: most locations are in the file of the one before.
    last: Text,
}

impl Default for Texts {
    fn default() -> Self {
        let mut texts = Texts { texts: PrimaryMap::new(), ids: FxHashMap::default(), last: Text::EMPTY };
        texts.intern(&Arc::from(""));
        texts
    }
}

impl Texts {
    /// The id of a text.
    pub fn intern(&mut self, text: &Arc<str>) -> Text {
        if self.texts.get(self.last).is_some_and(|last| Arc::ptr_eq(last, text)) {
            return self.last;
        }
        self.last = match self.ids.get(text) {
            Some(&id) => id,
            None => {
                let id = self.texts.push(Arc::clone(text));
                self.ids.insert(Arc::clone(text), id);
                id
            }
        };
        self.last
    }
}

impl Index<Text> for Texts {
    type Output = Arc<str>;

    fn index(&self, text: Text) -> &Arc<str> {
        &self.texts[text]
    }
}

impl Text {
    /// The empty text: nothing is known.
    pub const EMPTY: Text = Text::from_number(0);

    /// Is nothing known?
    pub fn is_empty(self) -> bool {
        self.index() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one() {
        let mut texts = Texts::default();
        let (a, b): (Arc<str>, Arc<str>) = ("a.go".into(), "b.go".into());
        let first = texts.intern(&a);
        assert_eq!(texts.intern(&a), first);
        assert_ne!(texts.intern(&b), first);
        assert_eq!(texts.intern(&Arc::from("a.go")), first);
        assert_eq!(&*texts[first], "a.go");
        assert!(texts.intern(&Arc::from("")).is_empty() && !first.is_empty());
    }
}
