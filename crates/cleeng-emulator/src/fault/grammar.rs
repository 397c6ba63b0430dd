//! The help text of fault rules: [`FAULT_GRAMMAR`].

/// What can be written in a fault rule, as a help text.
pub const FAULT_GRAMMAR: &str = "\
METHOD[#NTH]=ACTION

METHOD  a JSON-RPC method, or one of these words for a REST operation:
        listOffers, getOffer, createOffer, patchOffer, activateOffer, deactivateOffer,
        createLocalization, patchLocalization, activateLocalization, deactivateLocalization,
        listSeasonGroups, getSeasonGroup, createSeasonGroup, patchSeasonGroup, deleteSeasonGroup,
        createSeason, patchSeason, deleteSeason;
        * stands for any letters: createPassOffer, create*, *Localization, *
NTH     which of the calls that match METHOD, counted from 1: #3, #2-5, #3+ (the third and all later ones);
        all, if left out
        Several rules may be given; the first that covers a call is carried out. A rule counts the calls that match
        METHOD and that its action can affect: actions for lists count only lists of offers, those for writes only
        writes to offers, and those that REST does not have count no REST operations.

Replace the whole HTTP answer. By default (`,before`) the call has no effect. With `,after` it takes effect first.
Either way the earlier calls of its batch have taken effect, and the later ones do not run. With `,after:all` all
calls of the request take effect first.
  status:CODE[,retry-after:SECONDS][,location:URL][,after[:all]]
                     answers with that HTTP status; 300 to 399 redirect, to /moved if no location is given;
                     without `after`, 400, 401, 403, 404, 413, 422 and 429 refuse the whole request: no call runs
  cut[,after[:all]]  closes the connection without an answer
  silence[,after[:all]]
                     never answers, and leaves the connection open until the client or the emulator ends it
  garbage[,after[:all]]
                     answers 200 with a page of HTML
  truncate[,after[:all]]
                     closes the connection in the middle of the body
  bare-error[,after[:all]]
                     answers with an error object by itself, even to a batch; not over REST

Affect one call; the others of its batch run.
  delay:MS[,after]   waits before the call, or after it
  error:CODE[,after] answers the call with that JSON-RPC error; over REST with that HTTP status from 400 to 599 and
                     the body of an error

Affect one call of a batch; not over REST.
  missing[,before]   leaves its answer out; it takes effect unless `,before`
  double             answers it twice
  wrong-id           answers it under an id that nobody asked for
  shuffled           answers the batch in reverse order
  rotated[:all]      exchanges the results of the creates of its batch, or of all calls, in a circle: each gets that
                     of the next, the last one that of the first; the ids of the answers stay where they are
  answered-as-first  answers it with the result of the first call of its batch

Affect a list. Several of these can be joined: endless:same,no-total
  short[:N]          leaves out the last N items (1), with the right total
  shifted            begins one item early, unless at the start: the last item of the page before shows again
  repeated           shows the first item of the page again in place of the last
  empty              shows nothing, and a total of 0
  deaf[:booleans]    ignores criteria.active, over REST the parameter active, or only its values true and false
  total:N            adds N, which may be negative, to the total
  total-is:N         claims a total of N, up to 18446744073709551615
  total-moves:N      adds N, which may be negative, to the total for each page before this one
  no-total           leaves the total out
  endless[:same]     fills every page: beyond the end of the list with valid offers that were never made, each with a
                     new id, or with the offers of the list again; the total, if any, is more than was shown so far
  link:WHERE         REST only: names as the next page, also where the service has no links (`--quirk rest-link=none`),
                       self       the page itself
                       first      the first page, if there is no next one
                       endless    a new one each time, filled as by `endless`; or joined with `endless:same`
                       elsewhere  the next one, on a host that does not exist
                       URL        the next one, on that host (http://…), or exactly that address if it has a path

Affect a call that writes. `before` leaves the offers as they are; by default the call takes effect.
  body-of-another[,before][,answer-only:id]
                     answers with the complete body of another offer: the youngest other one of the same type, an
                     active one if there is one, else of any type; without another offer the call works as usual
  body-of:WHICH[,before][,answer-only:id]
                     the same with the `oldest` or `youngest` other offer, or with the one of that id
  late:MS[,gets][,rows]
                     the change shows in lists, or in lists and gets, only after MS milliseconds; with `rows`, the first
                     country of a multi-currency offer shows at once, over REST the offer without its localizations
  ignore:FIELD       the field stays as it was
  store:FIELD=VALUE  stores another value
  answer:NAME=VALUE  stores what was sent, and answers with another value

Affect a call that writes or gets one offer.
  answer-only:id     answers with nothing but the id of the offer

`late`, `ignore` and, at the end, `store` can be added to every action that lets a write take effect, but for delays:
cut,after,ignore:externalProperties,late:500

FIELD is a name of JSON-RPC (price, freeDays), or one that only REST has (imageUrl, priceRules); NAME is a member of
the answer. VALUE is JSON, or else a text.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::FaultRule;

    #[test]
    fn every_action_of_the_help_text_is_read() {
        let actions = FAULT_GRAMMAR
            .lines()
            .filter_map(|line| line.strip_prefix("  "))
            .filter(|line| !line.starts_with(' '));
        let mut count = 0;
        for line in actions {
            let action = line.split_whitespace().next().unwrap();
            let without_options = action.split('[').next().unwrap();
            for action in [action, without_options] {
                let plain = action.replace(['[', ']'], "");
                let filled = plain
                    .replace("CODE", "503")
                    .replace("SECONDS", "3")
                    .replace("URL", "/x")
                    .replace("MS", "5")
                    .replace(":N", ":2")
                    .replace("FIELD", "price")
                    .replace("NAME", "price")
                    .replace("VALUE", "9.99")
                    .replace("WHERE", "endless")
                    .replace("WHICH", "oldest");
                FaultRule::parse(&format!("*={filled}")).unwrap();
            }
            count += 1;
        }
        assert_eq!(count, 32);
    }

    #[test]
    fn every_place_of_a_link_and_every_example_is_read() {
        for place in [
            "self",
            "first",
            "endless",
            "elsewhere",
            "http://127.0.0.1:9",
        ] {
            assert!(FAULT_GRAMMAR.contains(place) || place.starts_with("http://"));
            FaultRule::parse(&format!("listOffers=link:{place}")).unwrap();
        }
        for example in [
            "endless:same,no-total",
            "cut,after,ignore:externalProperties,late:500",
        ] {
            assert!(FAULT_GRAMMAR.contains(example));
            FaultRule::parse(&format!("*={example}")).unwrap();
        }
    }
}
