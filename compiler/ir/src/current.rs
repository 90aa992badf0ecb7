//! Which function this thread is working on, for reports of compiler bugs.

use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    static CURRENT: RefCell<Option<(&'static str, Arc<str>)>> = const { RefCell::new(None) };
}

/// From now on this thread does `what` (`lowering` …) to the function `name`.
pub fn enter(what: &'static str, name: &Arc<str>) {
    CURRENT.with_borrow_mut(|current| *current = Some((what, Arc::clone(name))));
}

/// The work on single functions is done.
pub fn leave() {
    CURRENT.with_borrow_mut(|current| *current = None);
}

/// What this thread is doing, and to which function.
pub fn get() -> Option<(&'static str, Arc<str>)> {
    // A panic may come at any time, even while this is borrowed or gone.
    CURRENT.try_with(|current| current.try_borrow().ok().and_then(|current| current.clone())).ok().flatten()
}
