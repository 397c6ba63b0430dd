//! Groups of seasons: the client and the emulator agree on them, and a seasonal subscription needs one.

use cleeng_client::json_rpc::{ListOfferIdsByVideoId, Reader as JsonRpcReader};
use cleeng_client::rest::{SeasonData, SeasonGroup, SeasonGroupId, Writer};
use cleeng_client::{Config, Endpoint, Error, Token};

use crate::support::{Api, Draft, Shop};

/// Far enough in the future for any season.
const START: i64 = 4_000_000_000;

fn config(shop: &Shop) -> Config {
    let endpoint: Endpoint = shop.emulator().url().parse().unwrap();
    Config::new(endpoint, Token::new("TOK").unwrap())
}

/// Does something with groups of seasons, and waits for it.
fn with<T>(shop: &Shop, work: impl AsyncFnOnce(Writer) -> Result<T, Error>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async { work(Writer::new(&config(shop)).unwrap()).await })
}

fn dates(start_date: i64) -> SeasonData {
    SeasonData {
        start_date,
        end_date: start_date + 1_000,
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>, status: u16, words: &str) {
    let error = result.unwrap_err();
    let told = error.status_error().unwrap();
    assert_eq!(
        (told.status, told.message.as_deref()),
        (status, Some(words))
    );
    assert!(error.is_proven_refused());
}

#[test]
fn client_and_emulator_agree_on_groups_of_seasons() {
    let shop = Shop::of(Api::Rest);
    let made = with(&shop, async |writer| {
        writer.create_season_group("NFL").await
    });
    let id = made.unwrap().id;
    let group = with(&shop, async |writer| {
        writer.create_season(&id, dates(START)).await?;
        writer.create_season(&id, dates(START + 5_000)).await?;
        writer.patch_season(&id, 1, dates(START + 1)).await?;
        writer.rename_season_group(&id, "NHL").await?;
        writer.delete_season(&id, 2).await?;
        writer.reader().get_season_group(&id).await
    });
    let SeasonGroup { name, seasons, .. } = group.unwrap();
    assert_eq!(name.value().map(String::as_str), Some("NHL"));
    let seasons = seasons.into_value().unwrap();
    assert_eq!((seasons.len(), seasons[0].id), (1, 1));
    assert_eq!(seasons[0].start_date.value(), Some(&(START + 1)));

    let listed = with(&shop, async |writer| {
        writer.reader().list_season_groups().await
    });
    assert_eq!(listed.unwrap().len(), 1);
    let twice = with(&shop, async |writer| {
        writer.create_season_group("NHL").await
    });
    refused(twice, 422, "Season group 'NHL' already exists");
    let active = with(&shop, async |writer| writer.delete_season_group(&id).await);
    refused(
        active,
        422,
        "Cannot delete season group with active seasons",
    );
    with(&shop, async |writer| {
        writer.delete_season(&id, 1).await?;
        writer.delete_season_group(&id).await
    })
    .unwrap();
    let gone = with(&shop, async |writer| {
        writer.reader().get_season_group(&id).await
    });
    refused(gone, 404, "Season group not found");
}

#[test]
fn a_seasonal_subscription_needs_a_group_that_exists() {
    let shop = Shop::of(Api::Rest);
    let seasonal = |group: &SeasonGroupId| {
        Draft::new("subscription", "season")
            .without("period")
            .with("billingCycle", "{periodUnit: season, amount: 1}")
            .with("seasonGroupId", group.as_str())
    };
    let unknown = SeasonGroupId::from("0bdb7589-762c-40bf-b501-a0f02b59d76d");
    shop.declare(&[seasonal(&unknown)]);
    let run = shop.run("apply -y");
    assert_ne!(run.code, 0, "{run:?}");
    let said = format!("{}{}", run.out, run.err);
    assert!(said.contains("Season group not found"), "{run:?}");
    assert!(shop.emulator().offers().is_empty());

    let made = with(&shop, async |writer| {
        writer.create_season_group("NFL").await
    });
    shop.declare(&[seasonal(&made.unwrap().id)]);
    let _run = shop.apply();
    shop.expect_no_changes();
}

#[test]
fn client_and_emulator_agree_on_the_offers_for_a_video() {
    let shop = Shop::new();
    let film = Draft::new("single", "film").with("videoId", "v-1");
    shop.declare(&[film, Draft::new("single", "other")]);
    let _run = shop.apply();
    let id = shop.id("Title of film");
    let reader = JsonRpcReader::new(&config(&shop)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let found = runtime.block_on(reader.call(ListOfferIdsByVideoId::new("v-1")));
    let found = found.unwrap().offer_ids;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].as_str(), id.as_str());
}
