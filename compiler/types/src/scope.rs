//! Scopes: universe, package, files, functions, blocks.

use golift_syntax::Symbol;
use rustc_hash::FxHashMap;

use crate::object::{Obj, ObjScope};
use crate::universe;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct ScopeId(u32);

/// Scopes with up to this many names are searched linearly.
const LINEAR: usize = 12;

struct Scope {
    parent: ScopeId,
    names: Vec<(Symbol, Obj)>,
    map: Option<Box<FxHashMap<Symbol, Obj>>>,
}

impl Scope {
    fn get(&self, name: Symbol) -> Option<Obj> {
        match &self.map {
            Some(map) => map.get(&name).copied(),
            None => self.names.iter().find(|(n, _)| *n == name).map(|(_, o)| *o),
        }
    }

    fn insert(&mut self, name: Symbol, obj: Obj) {
        self.names.push((name, obj));
        if let Some(map) = &mut self.map {
            map.insert(name, obj);
        } else if self.names.len() > LINEAR {
            self.map = Some(Box::new(self.names.iter().copied().collect()));
        }
    }
}

/// All scopes of a package, in a tree.
pub(crate) struct Scopes {
    scopes: Vec<Scope>,
}

impl Scopes {
    pub const PACKAGE: ScopeId = ScopeId(0);

    pub fn new() -> Scopes {
        Scopes { scopes: vec![Scope { parent: Self::PACKAGE, names: Vec::new(), map: None }] }
    }

    pub fn open(&mut self, parent: ScopeId) -> ScopeId {
        self.scopes.push(Scope { parent, names: Vec::new(), map: None });
        ScopeId(self.scopes.len() as u32 - 1)
    }

    pub fn parent(&self, scope: ScopeId) -> ScopeId {
        self.scopes[scope.0 as usize].parent
    }

    pub fn get(&self, scope: ScopeId, name: Symbol) -> Option<Obj> {
        self.scopes[scope.0 as usize].get(name)
    }

    /// Searches from `scope` outward, the universe last.
    pub fn lookup_parent(&self, mut scope: ScopeId, name: Symbol) -> Option<(ScopeId, Obj)> {
        loop {
            let s = &self.scopes[scope.0 as usize];
            if let Some(obj) = s.get(name) {
                return Some((scope, obj));
            }
            if scope == Self::PACKAGE {
                return universe::lookup(name).map(|obj| (scope, obj));
            }
            scope = s.parent;
        }
    }

    /// Adds an object; returns the one that has the name already.
    pub fn insert(&mut self, scope: ScopeId, obj: Obj, place: ObjScope) -> Option<Obj> {
        let s = &mut self.scopes[scope.0 as usize];
        if let Some(other) = s.get(obj.name()) {
            return Some(other);
        }
        s.insert(obj.name(), obj);
        if obj.scope() == ObjScope::None {
            obj.set_scope(place);
        }
        None
    }

    /// Adds an object of another package under its name.
    pub fn insert_foreign(&mut self, scope: ScopeId, name: Symbol, obj: Obj) {
        self.scopes[scope.0 as usize].insert(name, obj);
    }

    /// The names of a scope in the order of declaration.
    pub fn names(&self, scope: ScopeId) -> &[(Symbol, Obj)] {
        &self.scopes[scope.0 as usize].names
    }

    pub fn package_objects(&self) -> FxHashMap<Symbol, Obj> {
        self.scopes[0].names.iter().copied().collect()
    }
}
