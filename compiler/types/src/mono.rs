//! Instantiations that would go on for ever: `func f[T any]() { f[*T]() }`.
//!
//! A graph of type parameters (and of local types of generic functions) has an edge for each flow of a type argument into
//! a type parameter, with weight 1 if the argument is larger than what flows in. A cycle of positive weight is an error.

use golift_syntax::{Diagnostic, Expr, Pos, start_pos};
use rustc_hash::FxHashMap;

use crate::check::Checker;
use crate::object::Obj;
use crate::package::Package;
use crate::types::{Type, TypeKind};
use crate::typestring::{Qualifier, type_string};

#[derive(Default)]
pub(crate) struct MonoGraph {
    vertices: Vec<Vertex>,
    edges: Vec<Edge>,
    /// Receiver type parameters and those of their types.
    canon: FxHashMap<Type, Type>,
    index: FxHashMap<Obj, usize>,
}

struct Vertex {
    weight: u32,
    pre: usize,
    len: usize,
    obj: Obj,
}

struct Edge {
    dst: usize,
    src: usize,
    weight: u32,
    pos: Pos,
    ty: Type,
}

impl MonoGraph {
    pub fn record_canon(&mut self, tparam: Type, canonical: Type) {
        self.canon.insert(tparam, canonical);
    }

    /// The type parameter of the type for one of a receiver.
    pub fn canonical(&self, tparam: Type) -> Type {
        self.canon.get(&tparam).copied().unwrap_or(tparam)
    }

    fn vertex(&mut self, obj: Obj) -> usize {
        let vertices = &mut self.vertices;
        *self.index.entry(obj).or_insert_with(|| {
            vertices.push(Vertex { weight: 0, pre: 0, len: 0, obj });
            vertices.len() - 1
        })
    }

    fn tparam_vertex(&mut self, t: Type) -> Option<usize> {
        let t = self.canonical(t);
        match t.kind() {
            TypeKind::TypeParam(p) => Some(self.vertex(p.obj)),
            _ => None,
        }
    }

    fn assign(&mut self, pkg: Package, pos: Pos, tparam: Type, targ: Type) {
        let TypeKind::TypeParam(p) = tparam.kind() else { return };
        if p.obj.pkg() != Some(pkg) {
            return;
        }
        let mut sources = Vec::new();
        collect_sources(targ, &mut sources, &mut Vec::new());
        for t in sources {
            let src = match t.kind() {
                TypeKind::TypeParam(_) => self.tparam_vertex(t),
                TypeKind::Named(n) if n.obj.pkg() == Some(pkg) => self.local_vertex(n.obj, n.implicit_tparams()),
                _ => None,
            };
            if let (Some(src), Some(dst)) = (src, self.tparam_vertex(tparam)) {
                self.edges.push(Edge { dst, src, weight: u32::from(t != targ), pos, ty: targ });
            }
        }
    }

    fn local_vertex(&mut self, obj: Obj, implicit: &[Type]) -> Option<usize> {
        if implicit.is_empty() {
            return None;
        }
        if let Some(&i) = self.index.get(&obj) {
            return Some(i);
        }
        let dst = self.vertex(obj);
        for &t in implicit {
            if let Some(src) = self.tparam_vertex(t) {
                self.edges.push(Edge { dst, src, weight: 1, pos: obj.pos(), ty: t });
            }
        }
        Some(dst)
    }
}

/// The type parameters in a type.
pub(crate) fn type_params(t: Type) -> Vec<Type> {
    let mut found = Vec::new();
    collect_sources(t, &mut found, &mut Vec::new());
    found.retain(|t| t.is_type_param());
    found
}

/// The type parameters and named types in a type.
fn collect_sources(t: Type, out: &mut Vec<Type>, seen: &mut Vec<Type>) {
    let t = t.unalias();
    match t.kind() {
        TypeKind::TypeParam(_) => out.push(t),
        TypeKind::Named(n) => {
            if !n.is_instance() {
                out.push(t);
            }
            n.targs().iter().for_each(|&t| collect_sources(t, out, seen));
        }
        TypeKind::Array(a) => collect_sources(a.elem, out, seen),
        TypeKind::Slice(e) | TypeKind::Pointer(e) => collect_sources(*e, out, seen),
        TypeKind::Chan(c) => collect_sources(c.elem, out, seen),
        TypeKind::Map(m) => {
            collect_sources(m.key, out, seen);
            collect_sources(m.elem, out, seen);
        }
        TypeKind::Struct(s) => s.fields.iter().for_each(|f| collect_sources(f.ty(), out, seen)),
        TypeKind::Signature(s) => {
            s.params.iter().chain(s.results.iter()).for_each(|v| collect_sources(v.ty(), out, seen));
        }
        TypeKind::Interface(i) => {
            if seen.contains(&t) {
                return;
            }
            seen.push(t);
            i.type_set().methods.iter().for_each(|m| collect_sources(m.ty(), out, seen));
        }
        _ => {}
    }
}

impl Checker {
    /// Records an instantiation.
    pub fn mono_instance(&self, pos: Pos, tparams: &[Type], targs: &[Type], xlist: &'static [Expr]) {
        if !self.config.is_std {
            self.instantiations.borrow_mut().push((tparams.to_vec(), targs.to_vec()));
        }
        let mut graph = self.mono.borrow_mut();
        for (i, (&p, &t)) in tparams.iter().zip(targs).enumerate() {
            let pos = xlist.get(i).map_or(pos, start_pos);
            graph.assign(self.pkg, pos, p, t);
        }
    }

    /// Looks for cycles, by the method of Bellman and Ford.
    pub fn monomorph(&self) {
        let mut graph = self.mono.borrow_mut();
        let graph = &mut *graph;
        loop {
            let mut again = false;
            for (i, edge) in graph.edges.iter().enumerate() {
                let weight = graph.vertices[edge.src].weight + edge.weight;
                if weight <= graph.vertices[edge.dst].weight {
                    continue;
                }
                let len = graph.vertices[edge.src].len + 1;
                let count = graph.vertices.len();
                let dst = &mut graph.vertices[edge.dst];
                dst.pre = i;
                dst.len = len;
                if len == count {
                    self.report_instance_loop(graph, edge.dst);
                    return;
                }
                dst.weight = weight;
                again = true;
            }
            if !again {
                return;
            }
        }
    }

    fn report_instance_loop(&self, graph: &MonoGraph, v: usize) {
        let mut v = v;
        let mut stack = Vec::new();
        let mut seen = vec![false; graph.vertices.len()];
        while !seen[v] {
            stack.push(v);
            seen[v] = true;
            v = graph.edges[graph.vertices[v].pre].src;
        }
        while stack[0] != v {
            stack.remove(0);
        }
        let mut d = Diagnostic::new(graph.vertices[v].obj.pos(), "InvalidInstanceCycle", "instantiation cycle:");
        let q = Qualifier::RelativeTo(self.pkg);
        for &v in &stack {
            let edge = &graph.edges[graph.vertices[v].pre];
            let obj = graph.vertices[edge.dst].obj;
            let verb = match obj.ty().kind() {
                TypeKind::Named(_) => "implicitly parameterized by",
                _ => "instantiated as",
            };
            d = d.with_related(edge.pos, format!("{} {verb} {}", obj.name(), type_string(edge.ty, &q)));
        }
        self.report(d);
    }
}
