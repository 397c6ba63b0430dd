//! The same work with other programs, where they are on the machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::catalogue::{Kinds, Shape, write_catalogue};
use super::cost::{Cost, Costs, Work};
use super::setup::Bench;
use super::shop::Shop;
use super::table::{Figure, Line};

/// A thousand offers with 20 prices each.
const SHAPE: Shape = Shape {
    offers: 1000,
    kinds: Kinds::Localizable,
    localizations: 20,
    per_file: 100,
};

pub(super) fn run(bench: &Bench) -> anyhow::Result<Vec<Line>> {
    let folder = tempfile::tempdir()?;
    let shop = Shop::open(Duration::ZERO, Vec::new())?;
    write_catalogue(folder.path(), SHAPE, &format!("endpoint: {}", shop.url()))?;
    let run =
        |arguments: &[&str]| Work::new(folder.path(), &bench.program, arguments).cost(&bench.task);
    let plan = bench.costs([&Work::new(folder.path(), &bench.program, &["plan"])])?;
    let apply = run(&["apply", "--auto-approve", "--quiet"])?;
    let again = bench.costs([&Work::new(folder.path(), &bench.program, &["plan"])])?;
    shop.close();
    let mut lines = lines("offerctl", [&plan[0], &Costs(vec![apply]), &again[0]]);
    match find("terraform") {
        Some(program) => lines.extend(terraform(bench, &program)?),
        None => println!("terraform is not on this machine"),
    }
    match find("octodns-sync") {
        Some(program) => lines.extend(octodns(bench, &program)?),
        None => println!("octodns-sync is not on this machine"),
    }
    Ok(lines)
}

fn lines(who: &str, [plan, apply, again]: [&Costs; 3]) -> Vec<Line> {
    let line = |work: &str, figure: Figure| Line::new(format!("{who}: {work}"), figure);
    vec![
        line("plan of 1,000 new offers × 20 countries, wall", plan.wall()),
        line("its CPU", plan.cpu()),
        line("its peak memory", plan.memory()),
        line("apply of them, wall", apply.wall()),
        line("its peak memory", apply.memory()),
        line("plan with no change after it, wall", again.wall()),
        line("its peak memory", again.memory()),
    ]
}

/// Looks for a program where the shell would.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// The catalogue as resources that Terraform keeps in its state and calls nothing for.
fn terraform(bench: &Bench, program: &Path) -> anyhow::Result<Vec<Line>> {
    let folder = tempfile::tempdir()?;
    let resources: Map<String, Value> = offers()
        .map(|(name, offer)| (name, json!({"input": offer})))
        .collect();
    let text = json!({"resource": {"terraform_data": resources}}).to_string();
    fs::write(folder.path().join("main.tf.json"), text)?;
    let run = |arguments: &[&str]| -> anyhow::Result<Cost> {
        Work::new(folder.path(), program, arguments).cost(&bench.task)
    };
    run(&["init", "-input=false"])?;
    let plan = ["plan", "-input=false", "-no-color"];
    let [new] = bench.costs([&Work::new(folder.path(), program, &plan)])?;
    let apply = run(&["apply", "-input=false", "-no-color", "-auto-approve"])?;
    let [again] = bench.costs([&Work::new(folder.path(), program, &plan)])?;
    Ok(lines("terraform", [&new, &Costs(vec![apply]), &again]))
}

/// The catalogue as a zone with a text record for each price, copied from files to files.
fn octodns(bench: &Bench, program: &Path) -> anyhow::Result<Vec<Line>> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("from"))?;
    fs::create_dir(path("to"))?;
    let provider = |name: &str| json!({"class": "octodns.provider.yaml.YamlProvider", "directory": path(name), "enforce_order": false});
    let config = json!({
        "providers": {"from": provider("from"), "to": provider("to")},
        "zones": {"bench.test.": {"sources": ["from"], "targets": ["to"]}},
    });
    // JSON is YAML.
    fs::write(path("config.yaml"), config.to_string())?;
    let mut records = Map::new();
    for (name, offer) in offers() {
        let prices = offer["localizations"].as_object().into_iter().flatten();
        for (country, price) in prices {
            let name = format!("{name}-{country}").to_lowercase().replace('_', "-");
            let record = json!({"type": "TXT", "ttl": 300, "value": price["price"]});
            records.insert(name, record);
        }
    }
    fs::write(
        path("from/bench.test.yaml"),
        Value::from(records).to_string(),
    )?;
    let plan = ["--config-file", "config.yaml"];
    let apply = [&plan[..], &["--doit", "--force"]].concat();
    let [new] = bench.costs([&Work::new(folder.path(), program, &plan)])?;
    let applied = Work::new(folder.path(), program, &apply).cost(&bench.task)?;
    let [again] = bench.costs([&Work::new(folder.path(), program, &plan)])?;
    Ok(lines(
        "octodns-sync, a text record for each of the 20,000 prices",
        [&new, &Costs(vec![applied]), &again],
    ))
}

/// The offers of the catalogue, as other programs can hold them.
fn offers() -> impl Iterator<Item = (String, Value)> {
    (0..SHAPE.offers).map(|number| {
        let prices: Map<String, Value> = super::catalogue::countries(SHAPE.localizations)
            .enumerate()
            .map(|(index, (country, currency))| {
                let price = super::catalogue::price(number, index);
                (
                    country.to_owned(),
                    json!({"currency": currency, "price": price}),
                )
            })
            .collect();
        let offer = json!({
            "title": format!("Offer number {number} of the catalogue"),
            "description": "What this offer is about, in a sentence of usual length.",
            "price": super::catalogue::price(number, 0),
            "url": format!("https://club.example/offer/{number}"),
            "period": "month",
            "tags": ["news", "sports"],
            "localizations": prices,
        });
        (format!("offer_{number:06}"), offer)
    })
}
