//! The order of packages: dependencies first.

use crate::package::LoadedPackage;

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
