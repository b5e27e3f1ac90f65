//! Language models, their corpora and who shaped what they write.

mod corpus;
mod fixed;
mod fixture;
mod graph;
mod prepared;
mod records;
mod shares;
mod tokenizer;
mod write;
