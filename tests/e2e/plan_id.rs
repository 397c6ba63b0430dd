//! The `planId`: what keeps it, and what changes it.

use cleeng_emulator::{Field, Kind, Offer};

use crate::support::{Api, Draft, Shop, both};

const BASE: &str = "version: 1
offers:
  film:
    type: rental
    period: 48
    title: A film
    url: https://club.tv/film
    price: 9.00
    tags: [a, b]
  news:
    type: pass
    title: The news
    url: https://club.tv/news
    price: 12.00
    period: month
    geoRestriction: {type: whitelist, countries: [US, NO]}
  more:
    type: rental
    period: 48
    title: More
    url: https://club.tv/more
    price: 1.00
";

/// A shop in which the film is to be changed, and the rest is to be created.
fn shop(api: Api) -> Shop {
    let shop = Shop::of(api);
    shop.declare(&[Draft::new("rental", "film")
        .with("title", "A film")
        .with("price", "8.00")]);
    let _run = shop.apply();
    shop.write("offers/all.yaml", BASE);
    shop
}

fn id(shop: &Shop) -> String {
    shop.plan()["planId"].as_str().unwrap().to_owned()
}

#[track_caller]
fn keeps(shop: &Shop, files: &[(&str, &str)]) {
    let before = id(shop);
    std::fs::remove_dir_all(shop.path("offers")).unwrap();
    for (path, text) in files {
        shop.write(path, text);
    }
    assert_eq!(id(shop), before);
}

#[track_caller]
fn changes(shop: &Shop, text: &str) {
    let before = id(shop);
    shop.write("offers/all.yaml", text);
    assert_ne!(id(shop), before);
}

both!(moved_files_keep_it);

fn moved_files_keep_it(api: Api) {
    let (first, rest) = BASE.split_at(BASE.find("  news:").unwrap());
    let rest = format!("version: 1\noffers:\n{rest}");
    keeps(
        &shop(api),
        &[("offers/deep/down/z.yml", first), ("offers/a.yaml", &rest)],
    );
}

both!(reordered_offers_fields_and_lists_keep_it);

fn reordered_offers_fields_and_lists_keep_it(api: Api) {
    let text = "version: 1
offers:
  more:
    price: 1.00
    url: https://club.tv/more
    type: rental
    period: 48
    title: More
  news:
    geoRestriction: {countries: [NO, US], type: whitelist}
    period: month
    price: 12.00
    type: pass
    title: The news
    url: https://club.tv/news
  film:
    tags: [b, a]
    title: A film
    price: 9.00
    type: rental
    period: 48
    url: https://club.tv/film
";
    keeps(&shop(api), &[("offers/all.yaml", text)]);
}

both!(reformatted_yaml_and_comments_keep_it);

fn reformatted_yaml_and_comments_keep_it(api: Api) {
    let text = "# A comment\r\nversion: 1\r
offers: {film: {type: rental, period: 48, title: \"A film\", url: 'https://club.tv/film',
  price: \"9.0\", tags: [\"a\", 'b']},
  news: {type: pass, title: The news, url: https://club.tv/news, price: 12, period: month, # why
    geoRestriction: {type: whitelist, countries: [US, NO]}},
  more: {type: rental, period: 48, title: More, url: https://club.tv/more, price: 1.0}}
";
    keeps(&shop(api), &[("offers/all.yaml", text)]);
}

both!(defaults_variables_and_anchors_that_say_the_same_keep_it);

fn defaults_variables_and_anchors_that_say_the_same_keep_it(api: Api) {
    let text = "version: 1
offers:
  film: {type: &rental rental, period: 48, title: A film, url: \"https://club.tv/film\", price: 9.00, tags: &tags [a, b]}
  more: {type: *rental, period: 48, title: More, url: \"https://club.tv/more\", price: 1.00}
";
    let news = "version: 1
defaults: {period: month, geoRestriction: {type: whitelist, countries: [US, NO]}}
offers:
  news: {type: pass, title: The news, url: \"https://club.tv/news\", price: 12.00}
";
    keeps(
        &shop(api),
        &[("offers/a.yaml", text), ("offers/b.yaml", news)],
    );
}

both!(offers_that_stay_keep_it);

fn offers_that_stay_keep_it(api: Api) {
    let shop = shop(api);
    let before = id(&shop);
    let seeded = Offer::new("S555555555_US".parse().unwrap(), Kind::Subscription)
        .with(Field::Title, "Something else altogether");
    shop.emulator().seed_offers(vec![seeded]).unwrap();
    assert_eq!(id(&shop), before, "an unmanaged offer is not touched");
}

both!(another_value_changes_it);

fn another_value_changes_it(api: Api) {
    changes(&shop(api), &BASE.replace("price: 9.00", "price: 9.50"));
    changes(
        &shop(api),
        &BASE.replace("title: The news", "title: The old news"),
    );
    changes(&shop(api), &BASE.replace("[US, NO]", "[US, NO, SE]"));
}

both!(another_name_for_a_create_changes_it);

fn another_name_for_a_create_changes_it(api: Api) {
    changes(&shop(api), &BASE.replace("  more:", "  less:"));
}

both!(one_offer_more_or_less_changes_it);

fn one_offer_more_or_less_changes_it(api: Api) {
    changes(&shop(api), &BASE[..BASE.find("  more:").unwrap()]);
}

both!(touched_offer_that_was_changed_by_hand_changes_it);

fn touched_offer_that_was_changed_by_hand_changes_it(api: Api) {
    // Also in a field that the manifest does not declare.
    let undeclared = match api {
        Api::JsonRpc => Field::VideoId,
        Api::Rest => Field::ImageUrl,
    };
    for field in [Field::Title, Field::Description, undeclared] {
        let shop = shop(api);
        let before = id(&shop);
        shop.edit("A film", |offer| offer.set(field, "By hand"));
        assert_ne!(id(&shop), before, "{field}");
    }
}

both!(same_plan_has_the_same_id_time_after_time);

fn same_plan_has_the_same_id_time_after_time(api: Api) {
    let shop = shop(api);
    let before = id(&shop);
    shop.run("plan --out a.json").exits(0);
    assert_eq!(id(&shop), before);
    shop.run("show a.json --format json").exits(0).says(&before);
}
