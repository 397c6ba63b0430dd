//! An order in which steps can be done one after another.
//!
//! Every step comes after what it needs. Soft edges are kept where they can be; one that would close a cycle
//! yields. Among steps that could all be next, the order of [`Node::rank`] decides, so that the same inputs
//! always give the same order.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::node::{Node, Tagged, into_steps};
use super::operation::{Group, Step};

/// Sorts the nodes; drops soft edges that would close a cycle.
pub(super) fn sort(mut nodes: Vec<Node>, mut groups: Vec<Tagged>) -> (Vec<Step>, Vec<Group>) {
    let ranks = ranks(&nodes);
    let mut walk = Walk::new(&nodes, &groups, &ranks);
    let mut place = vec![0; nodes.len()];
    let mut next = 0;
    while next < nodes.len() {
        let Some(index) = walk.pop() else {
            yield_one(&mut nodes, &mut groups, &mut walk, &ranks);
            continue;
        };
        place[index] = next;
        next += 1;
        walk.done(index);
    }
    into_steps(nodes, groups, &place)
}

/// The place of each node if nothing waited for anything.
fn ranks(nodes: &[Node]) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..nodes.len()).collect();
    sorted.sort_by(|left, right| nodes[*left].rank().cmp(&nodes[*right].rank()));
    let mut ranks = vec![0; nodes.len()];
    for (rank, index) in sorted.into_iter().enumerate() {
        ranks[index] = rank;
    }
    ranks
}

/// What is done, what is ready, and what still waits for how much.
struct Walk {
    ready: BinaryHeap<Reverse<(usize, usize)>>,
    ranks: Vec<usize>,
    waits: Vec<usize>,
    /// Who waits for a node.
    waiting: Vec<Vec<usize>>,
    /// The groups that a node is a member of.
    member_of: Vec<Vec<usize>>,
    /// How many members of a group are still to be done.
    open_members: Vec<usize>,
    /// Who waits for a group.
    waiting_for_group: Vec<Vec<usize>>,
    done: Vec<bool>,
}

impl Walk {
    fn new(nodes: &[Node], groups: &[Tagged], ranks: &[usize]) -> Self {
        let mut walk = Self {
            ready: BinaryHeap::new(),
            ranks: ranks.to_vec(),
            waits: vec![0; nodes.len()],
            waiting: vec![Vec::new(); nodes.len()],
            member_of: vec![Vec::new(); nodes.len()],
            open_members: groups.iter().map(|group| group.members.len()).collect(),
            waiting_for_group: vec![Vec::new(); groups.len()],
            done: vec![false; nodes.len()],
        };
        for (group, tagged) in groups.iter().enumerate() {
            for member in &tagged.members {
                walk.member_of[*member].push(group);
            }
        }
        for (index, node) in nodes.iter().enumerate() {
            for need in &node.needs {
                walk.waiting[*need].push(index);
            }
            for group in &node.after {
                walk.waiting_for_group[*group].push(index);
            }
            walk.waits[index] = node.needs.len() + node.after.len();
            if walk.waits[index] == 0 {
                walk.ready.push(Reverse((ranks[index], index)));
            }
        }
        walk
    }

    fn pop(&mut self) -> Option<usize> {
        self.ready.pop().map(|Reverse((_, index))| index)
    }

    fn done(&mut self, index: usize) {
        self.done[index] = true;
        for waiter in std::mem::take(&mut self.waiting[index]) {
            self.release(waiter);
        }
        for group in std::mem::take(&mut self.member_of[index]) {
            self.open_members[group] -= 1;
            if self.open_members[group] == 0 {
                for waiter in std::mem::take(&mut self.waiting_for_group[group]) {
                    self.release(waiter);
                }
            }
        }
    }

    fn release(&mut self, waiter: usize) {
        self.waits[waiter] -= 1;
        if self.waits[waiter] == 0 {
            self.ready.push(Reverse((self.ranks[waiter], waiter)));
        }
    }
}

/// Nothing is ready: the first node that waits only for groups waits for what waits for it.
fn yield_one(nodes: &mut [Node], groups: &mut Vec<Tagged>, walk: &mut Walk, ranks: &[usize]) {
    let open = |index: &usize| !walk.done[*index];
    let needs_met = |index: &usize| nodes[*index].needs.iter().all(|need| walk.done[*need]);
    let by_rank = |index: &usize| ranks[*index];
    let soft = (0..nodes.len())
        .filter(open)
        .filter(needs_met)
        .min_by_key(by_rank);
    let Some(index) = soft else {
        // Hard edges that former states recorded contradict each other: the first node goes without them.
        let first = (0..nodes.len()).filter(open).min_by_key(by_rank);
        let Some(index) = first else { return };
        let unmet: Vec<usize> = nodes[index]
            .needs
            .iter()
            .copied()
            .filter(|need| !walk.done[*need])
            .collect();
        for need in unmet {
            nodes[index].needs.remove(&need);
            walk.waiting[need].retain(|waiter| *waiter != index);
            walk.release(index);
        }
        return;
    };
    let after: Vec<usize> = nodes[index]
        .after
        .iter()
        .copied()
        .filter(|group| walk.open_members[*group] > 0)
        .collect();
    for group in after {
        nodes[index].after.remove(&group);
        // The members that are through already are still waited for, in a group of their own.
        let through: BTreeSet<usize> = groups[group]
            .members
            .iter()
            .copied()
            .filter(|member| walk.done[*member])
            .collect();
        if !through.is_empty() {
            groups.push(Tagged {
                tag: groups[group].tag.clone(),
                members: through,
            });
            walk.open_members.push(0);
            walk.waiting_for_group.push(Vec::new());
            nodes[index].after.insert(groups.len() - 1);
        }
        walk.waiting_for_group[group].retain(|waiter| *waiter != index);
        walk.release(index);
    }
}
