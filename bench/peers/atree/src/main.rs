//! `atree-peer PREDICATES EVENTS`: the predicates in a-tree, a tree an event type, searched with events
//! that were made before; matching alone. Prints the line of JSON that compare.py reads.

use a_tree::{ATree, AttributeDefinition, Event};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

const PASSES: usize = 3;

/// Processor seconds of this process: user and system time of /proc/self/stat, in hundredths.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("/proc/self/stat");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / 100.0
}

fn peak_megabytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("/proc/self/status");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

fn json_lines(path: &str) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("a readable file");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn attribute(field: &str) -> AttributeDefinition {
    match field {
        "weight_kg" | "declared_value" => AttributeDefinition::float(field),
        "minors" => AttributeDefinition::integer(field),
        "verified" | "guardian_present" => AttributeDefinition::boolean(field),
        _ => AttributeDefinition::string(field),
    }
}

fn condition(of: &Value) -> String {
    let field = of["field"].as_str().unwrap();
    let sign = match of["op"].as_str().unwrap() {
        "eq" => "=",
        "in" => "in",
        "gt" => ">",
        "ge" => ">=",
        _ => "<",
    };
    match &of["value"] {
        Value::Bool(wanted) => format!("{}{field}", if *wanted { "" } else { "not " }),
        Value::Number(n) if n.is_f64() => format!("{field} {sign} {:.2}", n.as_f64().unwrap()),
        Value::Array(values) => {
            let quoted: Vec<String> = values.iter().map(|v| v.to_string()).collect();
            format!("{field} in [{}]", quoted.join(", "))
        }
        value => format!("{field} {sign} {value}"),
    }
}

fn event_of(tree: &ATree<usize>, fields: &BTreeSet<String>, data: &Value) -> Event {
    let mut event = tree.make_event();
    for field in fields {
        match &data[field] {
            Value::Bool(value) => event.with_boolean(field, *value).unwrap(),
            Value::String(value) => event.with_string(field, value).unwrap(),
            value if field == "minors" => {
                event.with_integer(field, value.as_i64().unwrap()).unwrap()
            }
            value => {
                let hundredths = (value.as_f64().unwrap() * 100.0).round() as i64;
                event.with_float(field, hundredths, 2).unwrap()
            }
        }
    }
    event.build().unwrap()
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let predicates = json_lines(&arguments[1]);
    let events = json_lines(&arguments[2]);
    let mut fields: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for predicate in &predicates {
        let of_type = fields.entry(predicate["type"].as_str().unwrap()).or_default();
        for one in predicate["all"].as_array().unwrap() {
            of_type.insert(one["field"].as_str().unwrap().to_string());
        }
    }
    let before = cpu_seconds();
    let mut trees: BTreeMap<&str, ATree<usize>> = fields
        .iter()
        .map(|(name, of)| {
            let attributes: Vec<_> = of.iter().map(|field| attribute(field)).collect();
            (*name, ATree::new(&attributes).unwrap())
        })
        .collect();
    for (number, predicate) in predicates.iter().enumerate() {
        let all: Vec<String> =
            predicate["all"].as_array().unwrap().iter().map(condition).collect();
        let tree = trees.get_mut(predicate["type"].as_str().unwrap()).unwrap();
        tree.insert(&number, &all.join(" and ")).unwrap();
    }
    let loaded = cpu_seconds() - before;
    let made: Vec<(&ATree<usize>, Event)> = events
        .iter()
        .filter_map(|event| {
            let name = event["type"].as_str().unwrap();
            let tree = trees.get(name)?;
            Some((tree, event_of(tree, &fields[name], &event["data"])))
        })
        .collect();
    let mut matches = 0;
    let start = cpu_seconds();
    for _ in 0..PASSES {
        matches = made.iter().map(|(tree, event)| tree.search(event).unwrap().matches().len()).sum();
    }
    let ns = (cpu_seconds() - start) * 1e9 / (PASSES * events.len()) as f64;
    println!(
        "{{\"events\": {}, \"ns\": {ns:.1}, \"load_s\": {loaded:.3}, \"rss_mb\": {}, \
         \"counts\": {{\"matches\": {matches}}}}}",
        events.len(),
        peak_megabytes()
    );
}
