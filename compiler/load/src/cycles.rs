//! The order of packages: dependencies first, and no cycles.

use golift_syntax::SourceMap;

use crate::graph::LoadedPackage;

#[derive(Clone, Copy, PartialEq)]
enum State {
    Unseen,
    OnPath,
    Done,
}

/// Reports import cycles as `go` does, one per cycle that a depth-first walk from the roots meets.
pub fn report_cycles(packages: &[LoadedPackage], roots: &[usize], sources: &SourceMap, errors: &mut Vec<String>) {
    let mut state = vec![State::Unseen; packages.len()];
    for &root in roots {
        // (package, next import to look at); imports lead from each to the next.
        let mut path: Vec<(usize, usize)> = vec![(root, 0)];
        if state[root] != State::Unseen {
            continue;
        }
        state[root] = State::OnPath;
        while let Some((package, next)) = path.last_mut() {
            let Some(import) = packages[*package].imports.get(*next) else {
                state[*package] = State::Done;
                path.pop();
                continue;
            };
            *next += 1;
            let Some(target) = import.package else { continue };
            match state[target] {
                State::Unseen => {
                    state[target] = State::OnPath;
                    path.push((target, 0));
                }
                State::OnPath => errors.push(render_cycle(packages, &path, sources)),
                State::Done => {}
            }
        }
    }
}

fn render_cycle(packages: &[LoadedPackage], path: &[(usize, usize)], sources: &SourceMap) -> String {
    let mut out = format!("package {}", packages[path[0].0].path);
    for &(package, next) in path {
        let import = &packages[package].imports[next - 1];
        let target = import.package.map_or(import.path.as_str(), |t| &packages[t].path);
        let file = sources.physical_position(import.pos).filename;
        let file = file.rsplit('/').next().unwrap_or_default();
        out += &format!("\n\timports {target} from {file}");
    }
    out + ": import cycle not allowed"
}

/// Reorders packages so that each comes after what it imports; renumbers imports and roots.
pub fn sort_topologically(packages: Vec<LoadedPackage>, mut roots: Vec<usize>) -> (Vec<LoadedPackage>, Vec<usize>) {
    let mut order = Vec::with_capacity(packages.len());
    let mut seen = vec![false; packages.len()];
    for start in 0..packages.len() {
        if std::mem::replace(&mut seen[start], true) {
            continue;
        }
        let mut path = vec![(start, 0)];
        while let Some((package, next)) = path.last_mut() {
            match packages[*package].imports.get(*next) {
                None => {
                    order.push(*package);
                    path.pop();
                }
                Some(import) => {
                    *next += 1;
                    if let Some(target) = import.package
                        && !std::mem::replace(&mut seen[target], true)
                    {
                        path.push((target, 0));
                    }
                }
            }
        }
    }
    let mut position = vec![0; packages.len()];
    for (new, &old) in order.iter().enumerate() {
        position[old] = new;
    }
    let mut slots: Vec<Option<LoadedPackage>> = packages.into_iter().map(Some).collect();
    let mut sorted: Vec<LoadedPackage> = order.iter().filter_map(|&old| slots[old].take()).collect();
    for import in sorted.iter_mut().flat_map(|p| &mut p.imports) {
        import.package = import.package.map(|old| position[old]);
    }
    for root in &mut roots {
        *root = position[*root];
    }
    (sorted, roots)
}
